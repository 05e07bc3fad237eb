const FIRST = [
  'Amara',
  'Benedikt',
  'Chiara',
  'Dmitri',
  'Élodie',
  'Farid',
  'Greta',
  'Hassan',
  'Ingrid',
  'Jonas',
  'Keiko',
  'Lars',
  'Mireille',
  'Nadia',
  'Oskar',
  'Priya',
  'Quentin',
  'Rosa',
  'Søren',
  'Tomás',
  'Ulrike',
  'Viktor',
  'Wanda',
  'Yusuf',
];
const LAST = [
  'Achterberg',
  'Bianchi',
  'Castro',
  'Dubois',
  'Eriksen',
  'Fischer',
  'García',
  'Haddad',
  'Ito',
  'Jansen',
  'Kowalska',
  'Lindqvist',
  'Moreau',
  'Novák',
  'Okafor',
  'Petrov',
  'Quispe',
  'Rossi',
  'Šimić',
  'Tanaka',
  'Ueda',
  'Varga',
  'Weber',
  'Zeman',
];
const TITLES = [
  'Technician',
  'Account manager',
  'Controller',
  'Engineer',
  'Buyer',
  'Planner',
  'Designer',
  'Clerk',
];

/**
 * Returns the name of the n-th person of a company: no two of the first 576 are the same, nor two
 * neighbours alike.
 */
export const nameOf = (company: number, n: number): string => {
  const first = FIRST[(n + company * 7) % FIRST.length] as string;
  const last = LAST[(n * 5 + 7 * Math.floor(n / FIRST.length) + company * 11) % LAST.length] as string;
  return `${first} ${last}`;
};

export const jobTitleOf = (n: number): string => TITLES[n % TITLES.length] as string;

/**
 * Returns numbers from 0 up to 1, the same ones in each run and on each machine (a linear
 * congruential generator).
 */
export function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
