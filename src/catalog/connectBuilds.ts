/**
 * The oldest build of Microsoft Entra Connect Sync that still synchronises, and the day from which older ones do not:
 * all of their synchronisation fails until they are upgraded.
 *
 * Source: https://learn.microsoft.com/entra/identity/hybrid/connect/harden-update-ad-fs-pingfederate
 */
export const leastConnectBuild = Object.freeze({
  build: '2.5.79.0',
  /** ISO 8601 day, UTC. */
  from: '2026-09-30',
  source: 'https://learn.microsoft.com/entra/identity/hybrid/connect/harden-update-ad-fs-pingfederate',
})

/** Four numbers of at most five digits, as Windows writes the version of a program. */
const form = /^\d{1,5}(?:\.\d{1,5}){3}$/

/** Whether a text is the build of a Windows program, such as `2.5.79.0`. */
export function isBuild(text: string): boolean {
  return form.test(text)
}

/** Whether one build is older than another: number by number. */
export function isOlderBuild(one: string, other: string): boolean {
  const others = other.split('.').map(Number)
  const differing = one.split('.').map((number, at) => Number(number) - (others[at] ?? 0))
  return (differing.find((difference) => difference !== 0) ?? 0) < 0
}
