/** Whether a platform's word for a connection that is forbidden names a rule of this machine. */
export function isOwnRule(code: string | undefined, address: string | undefined): boolean {
  // Linux says EACCES of what ICMPv6 prohibits on the path as well; over IPv4 that word is this machine's own.
  // EINVAL is Linux' word for a route that is a black hole; nobody on a path says it.
  return (
    code === 'EPERM' ||
    code === 'EINVAL' ||
    code === 'WSAEACCES' ||
    (code === 'EACCES' && address?.includes(':') === false)
  )
}

/** What Windows leaves open of a datagram without an answer: the end of a sentence. */
export const refusalUnheard = '; this system does not tell whether it was refused'
