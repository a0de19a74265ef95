/** Random octets that are fetched at once: to ask for eight at a time costs more than all else that is made of them. */
const poolOctets = 6144

/**
 * Makes ids of random octets in lower-case hexadecimal, for traces; nothing secret. No octet is in two of them.
 *
 * @param random as many unguessable octets as are asked for
 * @returns takes the octets of one id, 1 to 6,144
 */
export function hexIds(random: (octets: number) => Uint8Array): (octets: number) => string {
  let pool = ''
  let used = 0
  return (octets) => {
    if (used + 2 * octets > pool.length) {
      pool = Buffer.from(random(poolOctets)).toString('hex')
      used = 0
    }
    used += 2 * octets
    return pool.slice(used - 2 * octets, used)
  }
}
