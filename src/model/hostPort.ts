/** A host as it stands in a URL and before a port: an IPv6 address in brackets (RFC 3986 §3.2.2), all else as it is. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** A host as a URL has it, without the brackets of an IPv6 address. */
export function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}

/** `10.1.0.5:636`, `[2001:db8::1]:443`; where no port is known, the host as it stands before one. */
export function hostPort(host: string, port: number | null): string {
  return port === null ? bracketed(host) : `${bracketed(host)}:${port}`
}
