/** Whether a text is a GUID as people write it: groups of 8, 4, 4, 4 and 12 hexadecimal digits, in either case. */
export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
