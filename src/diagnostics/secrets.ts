/** User and password of a URI: all between its scheme and the last @ before a slash, a blank or a quote. */
const CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)([^\s/?#"'<>`]+)@/gi;

/** A text without the passwords of the URIs in it: `http://ada:lovelace@host` becomes `http://***@host`. */
export const withoutPasswords = (text: string): string => (text.includes('@') ? text.replace(CREDENTIALS, '$1***@') : text);

/** As `withoutPasswords`, with as many stars as there were characters, so that a caret below still points at the same place. */
export const starredOut = (text: string): string =>
  text.includes('@') ? text.replace(CREDENTIALS, (_, scheme: string, secret: string) => `${scheme}${'*'.repeat(secret.length)}@`) : text;

/** A text that was meant as one URI, and is none: whatever stands before its last @ may be a password. */
export const withoutCredentials = (uri: string): string => uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');

/** Whether a text holds a URI with a password in it. */
export const hasPassword = (text: string): boolean => /[a-z][a-z0-9+.-]*:\/\/[^\s/?#"'<>`]*:[^\s/?#"'<>`]+@/i.test(text);

/** What a server says, without what it was told in an Authorization header: some answer with it. */
export function withoutLogin(text: string, authorization: string | undefined): string {
  const [, scheme = '', secret = ''] = /^(\S+) (.+)$/.exec(authorization ?? '') ?? [];
  const login = scheme === 'Basic' ? Buffer.from(secret, 'base64').toString('utf8') : '';
  const password = login.slice(login.indexOf(':') + 1);
  return [secret, login, password].reduce((left, told) => (told === '' ? left : left.replaceAll(told, '***')), text);
}
