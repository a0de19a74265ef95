/**
 * Writes text from the network as one line that is safe to print and to put in a report: what would act on a terminal,
 * or on the text around it, becomes a space.
 *
 * @param limit how many characters are written at most; the rest is left out without a mark
 */
export function printableText(text: string, limit = 120): string {
  const plain = text
    .slice(0, limit * 8)
    .replaceAll(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
    .trim()
  return Array.from(plain).slice(0, limit).join('')
}
