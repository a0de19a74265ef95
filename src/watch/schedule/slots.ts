/** FNV-1a over UTF-16 units, which spreads names that differ in one digit. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  // One round more: of short texts FNV leaves the high bits close to each other.
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}

/**
 * Where in its interval a target has its place: the same for the same seed and key, whatever else is watched, so that a
 * restart, or a target more, moves nobody.
 *
 * @returns whole milliseconds, 0 to below `everyMs`
 */
export function phaseOf(seed: string, key: string, everyMs: number): number {
  return Math.floor((hashOf(`${seed}|${key}`) / 2 ** 32) * everyMs)
}

/** The first slot of the grid after a time: slots are `phaseMs` past whole multiples of `everyMs` since 1970. */
export function slotAfter(at: number, everyMs: number, phaseMs: number): number {
  return (Math.floor((at - phaseMs) / everyMs) + 1) * everyMs + phaseMs
}
