import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hostileTexts } from '../../test/hostileTexts.ts'
import { sampleCheck, samplePlan } from '../../test/reports.ts'
import { maxReportBytes, readCheckReport } from './readReport.ts'

const text = JSON.stringify(sampleCheck, null, 2)

/** The sample with one thing replaced in its text. */
const but = (from: string | RegExp, to: string): string => {
  const changed = text.replace(from, to)
  assert.notEqual(changed, text)
  return changed
}

const errorOf = (given: string, postern?: string): string => {
  const read = readCheckReport(given, 'r.json', postern)
  return 'error' in read ? read.error : assert.fail('was read')
}

test('a report that was written is read as it was', () => {
  assert.deepEqual(readCheckReport(text, 'r.json'), { report: sampleCheck })
  assert.deepEqual(readCheckReport(JSON.stringify(sampleCheck), 'r.json'), { report: sampleCheck })
})

test('a byte order mark and keys of a later version do no harm', () => {
  assert.deepEqual(readCheckReport(`\uFEFF${text}`, 'r.json'), { report: sampleCheck })
  assert.deepEqual(readCheckReport(but('{', '{ "later": { "than": 1 },'), 'r.json'), { report: sampleCheck })
})

/** Where something stands, as a person would count it. */
const place = (given: string, mark: string): string => {
  const before = given.slice(0, given.indexOf(mark)).split('\n')
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`
}

const wanted = 'what is wanted is the report that postern check --json wrote'

const rows: readonly (readonly [what: string, given: string, error: string])[] = [
  ['an empty file', ' \n', `r.json:1:1: the file is empty; ${wanted}`],
  ['words', 'hq checked from connect01', `r.json:1:1: not JSON: expected a value, found "h"; ${wanted}`],
  [
    'a file that was cut short',
    text.slice(0, text.indexOf('"interrupted"') + 16),
    `r.json:8:18: not JSON: expected a value, found "f"; ${wanted}`,
  ],
  [
    'a trailing comma',
    '{\n  "kind": "check",\n}',
    `r.json:3:1: not JSON: expected a key in double quotes, found "}"; ${wanted}`,
  ],
  ['the HTML report', '<!doctype html>\n<html>', `r.json:1:1: a page of HTML or XML, not JSON; ${wanted}`],
  ['a site file', 'site: hq\ncloud: worldwide\n', `r.json:1:1: this looks like a site file, not a report; ${wanted}`],
  ['a compressed file', '\u001f\ufffd\b\0', `r.json:1:1: a compressed file: unpack it first; ${wanted}`],
  [
    'UTF-16',
    '\ufffd\ufffd{\0"\0',
    `r.json:1:1: not UTF-8 (PowerShell’s > writes UTF-16): write the report with --out FILE; ${wanted}`,
  ],
  ['a list', '[1]', `r.json:1:1: a list, not a report; ${wanted}`],
  ['a number', ' 12', `r.json:1:2: 12 alone is no report; ${wanted}`],
  ['a plan', JSON.stringify(samplePlan), `r.json:1:1: the report of a plan, which was not checked yet; ${wanted}`],
  ['a comparison', '{"kind":"compare"}', `r.json:1:1: a comparison of two checks, not a check; ${wanted}`],
  ['an audit', '{"kind":"audit"}', `r.json:1:1: a report of the kind "audit", not of a check; ${wanted}`],
  ['a SARIF log', '{"version":"2.1.0","runs":[]}', `r.json:1:1: a SARIF log, not a report; ${wanted}`],
  ['other JSON', '{}', `r.json:1:1: JSON, but no report of Postern: it has no "kind"; ${wanted}`],
  [
    'more nesting than any report has',
    '['.repeat(100),
    `r.json:1:65: more than 64 levels of nesting, which no report has; ${wanted}`,
  ],
  [
    'a longer text than any report has',
    but('"says": "', `"says": "${'a b '.repeat(20_000)}`),
    `r.json:${place(but('"says": "', '"says": "a b '), '"a b ')}: more than 65536 characters of one text, which no report has; ${wanted}`,
  ],
]

for (const [what, given, error] of rows) {
  test(`${what} is told by its place and what belongs there`, () => assert.equal(errorOf(given), error))
}

const misfits: readonly (readonly [what: string, given: string, mark: string, says: string])[] = [
  [
    'a wrong type',
    but('"durationMs": 6012', '"durationMs": "long"'),
    '"long"',
    'durationMs must be a number, and is "long"',
  ],
  [
    'a duration before its beginning',
    but('"durationMs": 6012', '"durationMs": -1'),
    '-1,',
    'durationMs must be 0 or more, and is -1',
  ],
  [
    'a time that is none',
    but(/"judgedAt": "[^"]+"/, '"judgedAt": "never"'),
    '"never"',
    'context.judgedAt must be a time in UTC, such as 2026-01-31T09:00:00.000Z, and is "never"',
  ],
  [
    'a month that is none',
    but(/"at": "[^"]+"/, '"at": "2026-13-01T00:00:00.000Z"'),
    '"2026-13',
    'flows[0].evidence[0].at must be a time in UTC, such as 2026-01-31T09:00:00.000Z, and is "2026-13-01T00:00:00.000Z"',
  ],
  ['a missing key', but('  "site": "hq",\n', ''), '{', 'site is missing: it must be text in double quotes'],
  [
    'a word that is none of a list',
    but('"verdict": "open"', '"verdict": "\u202eajar"'),
    '"\u202eajar"',
    'flows[0].verdict must be one of "open", "blocked", "degraded", "wrong", "unknown", "not-run", "not-required", and is "\\u202eajar"',
  ],
  [
    'a port beyond the last',
    but('"port": 53', '"port": 70000'),
    '70000',
    'flows[0].target.port must be 65535 or less, and is 70000',
  ],
  [
    'an observation of no kind',
    but('"kind": "name-lookup"', '"kind": "guess"'),
    '"guess"',
    'flows[0].evidence[0].kind must be one of the documented kinds, and is "guess"',
  ],
  [
    'a learnt fact of no type',
    but('"authoritative": true\n      }', '"authoritative": null\n      }'),
    'null\n      }',
    'flows[0].learnt.authoritative must be text in double quotes or a number or true or false or a list, and is null',
  ],
]

for (const [what, given, mark, says] of misfits) {
  test(`${what} is told by its place, its path and what belongs there`, () =>
    assert.equal(errorOf(given), `r.json:${place(given, mark)}: ${says}`))
}

test('a report that does not fit says when another version wrote it', () => {
  const wrong = but('"durationMs": 6012', '"durationMs": "long"')
  assert.match(errorOf(wrong, '0.2.0'), /; it was written by the older version "0\.1\.0": take the report again$/)
  assert.match(errorOf(wrong, '0.0.9'), /; it was written by the newer version "0\.1\.0": read it with that one$/)
  assert.match(errorOf(wrong, '0.1.0'), /and is "long"$/)
})

test('a file beyond the limit is refused before it is looked at', () => {
  assert.match(errorOf(' '.repeat(maxReportBytes + 1)), /^r\.json:1:1: larger than a report is \(64 MiB\)/)
  // Octets count, not characters.
  assert.match(errorOf('€'.repeat(maxReportBytes / 3 + 1)), /^r\.json:1:1: larger than a report is/)
})

test('readCheckReport answers any text with a report or one safe line', () => {
  const line = /^r\.json:[1-9]\d*:[1-9]\d*: [^\n]+$/
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constantFrom(...hostileTexts)), (given) => {
      const error = errorOf(given)
      assert.match(error, line)
      assert.doesNotMatch(error, /[\p{Cc}\p{Cf}]/u)
    }),
  )
})

test('a report with any one value replaced is read, or refused with the place of that value', () => {
  const places: (readonly PropertyKey[])[] = []
  const walk = (value: unknown, path: readonly PropertyKey[]): void => {
    places.push(path)
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) walk(inner, [...path, Array.isArray(value) ? Number(key) : key])
  }
  walk(sampleCheck, [])
  const replaced = (value: unknown, [step, ...rest]: readonly PropertyKey[], by: unknown): unknown => {
    if (step === undefined) return by
    if (Array.isArray(value)) return value.map((element, at) => (at === step ? replaced(element, rest, by) : element))
    return Object.fromEntries(
      Object.entries(Object(value)).map(([key, inner]) => [key, key === step ? replaced(inner, rest, by) : inner]),
    )
  }
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (path, by) => {
      const read = readCheckReport(JSON.stringify(replaced(sampleCheck, path, by), null, 1), 'r.json')
      if ('report' in read) return
      assert.match(read.error, /^r\.json:\d+:\d+: /)
    }),
    { numRuns: 300 },
  )
})
