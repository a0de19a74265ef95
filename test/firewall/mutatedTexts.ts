import fc from 'fast-check'

/** Texts that one good text becomes by accident: lines dropped, doubled, swapped and cut, octets changed, a byte order mark, other line ends. */
export function mutatedTexts(good: string): fc.Arbitrary<string> {
  const lines = good.split('\n')
  const at = fc.nat({ max: Math.max(0, lines.length - 1) })
  const mutation = fc.record({
    kind: fc.constantFrom('drop', 'double', 'swap', 'cut', 'change', 'crlf', 'mark', 'end'),
    at,
    other: at,
    offset: fc.nat({ max: 200 }),
    unit: fc.oneof(fc.constantFrom('"', '{', '}', '|', '/', ',', ';', '\0', ' '), fc.string({ maxLength: 3 })),
  })
  return fc.array(mutation, { maxLength: 6 }).map((mutations) => {
    let made = [...lines]
    let head = ''
    let end = '\n'
    for (const { kind, at: line, other, offset, unit } of mutations) {
      const text = made[line] ?? ''
      if (kind === 'drop') made.splice(line, 1)
      else if (kind === 'double') made.splice(line, 0, text)
      else if (kind === 'swap') [made[line], made[other]] = [made[other] ?? '', text]
      else if (kind === 'cut') made[line] = text.slice(0, offset)
      else if (kind === 'change') made[line] = text.slice(0, offset) + unit + text.slice(offset + 1)
      else if (kind === 'crlf') end = '\r\n'
      else if (kind === 'mark') head = '\uFEFF'
      else made = made.slice(0, line + 1)
    }
    return head + made.join(end)
  })
}
