/** What is sent to somebody: `to` is an e-mail address, or a number as +15550100 (E.164). A text has no subject. */
export type Message = { channel: 'email' | 'sms'; to: string; subject: string; text: string };

/** Hands a message over, or rejects: then it is tried again. */
export type Deliver = (message: Message) => Promise<void>;
