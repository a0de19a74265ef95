import fc from 'fast-check'

/** Any text, and parts that a format knows, in any order with a little of anything between them. */
export function textsOfParts(...parts: readonly string[]): fc.Arbitrary<string> {
  const part = fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 6 }))
  return fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 40 }).map((all) => all.join('')),
  )
}

/** Lines of these texts, words of theirs in any order, and any text as a line; each with the line end of its text. */
export function textsOfLines(texts: readonly string[]): fc.Arbitrary<string> {
  const lines = texts.flatMap((text) => text.split('\n'))
  const words = [...new Set(lines.flatMap((line) => line.split(' ')))]
  const line = fc.oneof(
    fc.constantFrom(...lines),
    fc.array(fc.constantFrom(...words), { maxLength: 9 }).map((some) => some.join(' ')),
    fc.string(),
  )
  return fc.tuple(fc.array(line, { maxLength: 60 }), fc.constantFrom('\n', '\r\n')).map(([some, end]) => some.join(end))
}

/** Texts that one of these becomes when up to `most` characters of it are exchanged for others. */
export function splicedTexts(good: readonly string[], most = 40): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...good), fc.nat(), fc.nat(most), fc.string({ maxLength: 6 }))
    .map(([text, at, length, put]) => {
      const from = at % text.length
      return text.slice(0, from) + put + text.slice(from + length)
    })
}

/** Texts that one of these files of JSON becomes when lines go, come twice or give way to a piece of JSON, and when it stops early. */
export function brokenJson(good: readonly string[]): fc.Arbitrary<string> {
  return fc
    .record({
      text: fc.constantFrom(...good),
      from: fc.nat(400),
      drop: fc.nat(3),
      twice: fc.boolean(),
      put: fc.constantFrom(
        '',
        '{',
        ']',
        '"',
        '"[variables(\'x\')]"',
        '"[parameters(\'x\')]"',
        '[]',
        'null',
        '-1',
        '"*"',
        '{},',
      ),
      stops: fc.boolean(),
      end: fc.constantFrom('\n', '\r\n', '\r'),
    })
    .map(({ text, from, drop, twice, put, stops, end }) => {
      const lines = text.split('\n')
      const at = from % lines.length
      if (stops) return lines.slice(0, at).join(end)
      const some = lines.slice(at, at + drop)
      return [...lines.slice(0, at), ...(twice ? [...some, ...some] : []), put, ...lines.slice(at + drop)].join(end)
    })
}
