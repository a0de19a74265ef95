import { domainToASCII } from 'node:url'

/** A name as DNS and TLS write it: A-labels of RFC 5890 in place of letters beyond ASCII; others stay as they are. */
export function asciiName(name: string): string {
  return /^[!-~]*$/.test(name) ? name : domainToASCII(name) || name
}
