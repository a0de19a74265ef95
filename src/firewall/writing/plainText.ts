/**
 * A text of a site file as ASCII letters that steer nothing in any syntax: of signs only `. , : _ / + ( ) * -` and the
 * space are left, what ends or steers a line becomes a space, and other signs the nearest of these. Cut at `most`
 * characters.
 */
export function plainText(text: string, most: number): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[\s\p{C}\p{Z}]+/gu, ' ')
    .replace(/['"`´‘’“”]/gu, '')
    .replace(/[;|]/gu, ',')
    .replace(/[^A-Za-z0-9 .,:_/+()*-]/gu, '-')
    .trim()
  return plain.length <= most ? plain : `${plain.slice(0, Math.max(0, most - 3)).trimEnd()}...`
}

/** A name of letters, digits and one sign between them, that begins with a letter: `hq_edge`. */
export function nameOf(text: string, between: '-' | '_', most = 60): string {
  const words = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9]+/g, between)
  const trimmed = words.replace(/^[-_]+|[-_]+$/g, '').slice(0, most)
  return /^[A-Za-z]/.test(trimmed) ? trimmed : `x${trimmed === '' ? '' : between}${trimmed}`.slice(0, most)
}

/** Gives each text a name of its own: a second one that would be called alike gets a number. */
export function ownNames(most = 60): (wanted: string) => string {
  const taken = new Set<string>()
  return (wanted) => {
    let name = wanted.slice(0, most)
    for (let next = 2; taken.has(name.toLowerCase()); next += 1) {
      const end = `-${next}`
      name = `${wanted.slice(0, most - end.length)}${wanted.includes('_') ? end.replace('-', '_') : end}`
    }
    taken.add(name.toLowerCase())
    return name
  }
}
