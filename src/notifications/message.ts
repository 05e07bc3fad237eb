/**
 * A message to one recipient: `to` is an e-mail address, or a number in E.164 form. A text message
 * has no subject.
 */
export type Message = { channel: 'email' | 'sms'; to: string; subject: string; text: string };

/** Delivers one message. The mailer retries when it rejects. */
export type Deliver = (message: Message) => Promise<void>;
