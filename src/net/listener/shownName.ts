/** A name that a client asks for, as it may be told: what is no host name of DNS (RFC 1123 §2.1) is left out. */
export function shownName(name: string | undefined): string | undefined {
  if (name === undefined || !/^[a-z0-9_]([a-z0-9_.-]{0,252})$/i.test(name)) return undefined
  return name.toLowerCase()
}
