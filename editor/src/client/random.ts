/** Random ids. */

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

/** `length` characters, each worth five bits. With `random` they follow from it. */
export function randomText(length: number, random?: () => number): string {
  const bytes = new Uint8Array(length);
  if (random === undefined) crypto.getRandomValues(bytes);
  else for (let at = 0; at < length; at++) bytes[at] = Math.floor(random() * 256);
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte % 32)).join("");
}
