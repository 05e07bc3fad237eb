import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';

@ObjectType()
export class Department {
  @Field(() => ID) id!: string;
  @Field() name!: string;
}

@ObjectType()
export class Attendance {
  @Field() day!: string;
  @Field(() => Int) minutes!: number;
  @Field() status!: string;
}

@ObjectType()
export class Employee {
  @Field(() => ID) id!: string;
  @Field() name!: string;
  @Field() email!: string;
  @Field(() => String, { nullable: true }) jobTitle?: string | null;
  @Field(() => String, { nullable: true }) salary?: string | null;
  @Field(() => String, { nullable: true }) iban?: string | null;
  @Field(() => String, { nullable: true }) passport?: string | null;
  @Field(() => Department) department?: Department;
}

@ObjectType()
export class EmployeeEdge {
  @Field(() => Employee) node!: Employee;
}

@ObjectType()
export class EmployeeConnection {
  @Field(() => [EmployeeEdge]) edges!: EmployeeEdge[];
}

@ObjectType()
export class Company {
  @Field(() => ID) id!: string;
  @Field() name!: string;
  @Field() currency!: string;
}

@ObjectType()
export class User {
  @Field(() => ID) id!: string;
  @Field() name!: string;
  @Field() email!: string;
}

@ObjectType()
export class Viewer {
  @Field(() => User) user!: User;
  @Field(() => Company) company!: Company;
  @Field(() => [String]) roles!: string[];
}

@ArgsType()
export class Page {
  @Field(() => Int, { defaultValue: 20 }) first!: number;
}

@InputType()
export class CreateEmployeeInput {
  @Field(() => ID) branchId!: string;
  @Field(() => ID) departmentId!: string;
  @Field() name!: string;
  @Field() email!: string;
  @Field(() => String, { nullable: true }) jobTitle?: string;
  @Field() startedOn!: string;
}

@InputType()
export class UpdateEmployeeInput {
  @Field(() => ID) employeeId!: string;
  @Field() jobTitle!: string;
}

@InputType()
export class SetEmployeeIdentityInput {
  @Field(() => ID) employeeId!: string;
  @Field() iban!: string;
  @Field() passport!: string;
}
