/**
 * The beginning of an answer as a sentence bears it: the first line of a text in quotation marks, and of what is no text a
 * few octets in hexadecimal, since the rest of them tells nobody more.
 *
 * @param octets in the notation of `printableOctets`, in which observations keep them; empty for none
 * @returns `"SSH-2.0-x"`, `the octets FF 00 1B …`, or nothing for none
 */
export function octetsWords(octets: string): string {
  const line = unitsOf(octets.split(/\\x0[AD]/).find((part) => part !== '') ?? '')
  const strange = line.filter(isStrange).length
  if (line.length > 0 && strange * 4 <= line.length)
    return `"${line.slice(0, mostOfText).join('')}${cut(line, mostOfText)}"`
  const units = unitsOf(octets)
  return units.length === 0
    ? ''
    : `the octets ${units.slice(0, mostOctets).map(hexOf).join(' ')}${cut(units, mostOctets)}`
}

/** A line of a banner is shorter, and no observation keeps more octets. */
const mostOfText = 80
/** As many as tell protocols apart. */
const mostOctets = 8

function unitsOf(octets: string): readonly string[] {
  return octets.match(/\\x[0-9A-F]{2}|./gs) ?? []
}

function isStrange(unit: string): boolean {
  return unit.length > 1
}

function hexOf(unit: string): string {
  return isStrange(unit) ? unit.slice(2) : (unit.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')
}

function cut(units: readonly string[], most: number): string {
  return units.length > most ? ' …' : ''
}
