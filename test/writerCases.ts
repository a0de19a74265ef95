import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { knowledgeOf } from '../src/audit/knowledgeOf.ts'
import type { Permits } from '../src/audit/permitsOf.ts'
import { permitsOf } from '../src/audit/permitsOf.ts'
import { proofOf } from '../src/audit/proofOf.ts'
import type { PublishedKnowledge } from '../src/audit/publishedKnowledge.ts'
import { publishedKnowledge } from '../src/audit/publishedKnowledge.ts'
import { loadSite } from '../src/config/loadSite.ts'
import type { Permit } from '../src/firewall/permit.ts'
import { rangeText } from '../src/firewall/rangeText.ts'
import type { Reader, Reading } from '../src/firewall/reader.ts'
import { vendorRows } from '../src/firewall/vendors/index.ts'
import type { WriteOptions, Writer, Written } from '../src/firewall/writer.ts'
import type { Site } from '../src/model/site.ts'
import type { Vendor } from '../src/model/vendor.ts'
import { planFlows } from '../src/plan/planFlows.ts'

/** A sample site's permits as a vendor's writer is given them. */
export interface SampleWriting {
  readonly site: Site
  readonly asked: Permits
  readonly options: WriteOptions
  readonly knowledge: PublishedKnowledge
}

export const writtenOn = '2026-11-22'

/** The permits of a file in `examples/`, for a vendor that stands before all of its hosts. */
export async function sampleWriting(example: string, vendor: Vendor): Promise<SampleWriting> {
  const loaded = await loadSite(`examples/${example}.yaml`, fileURLToPath(new URL('..', import.meta.url)))
  const row = vendorRows.find((one) => one.vendor === vendor)
  if (!('ok' in loaded) || row === undefined) assert.fail(`${example}, ${vendor}`)
  const { site } = loaded.ok
  const knowledge = publishedKnowledge(knowledgeOf([], site), site.cloud)
  const asked = permitsOf(planFlows(site), site, knowledge, { stands: row.stands, standsOf: () => row.stands })
  return { site, asked, knowledge, options: { site: site.site, passage: asked.passage, places: {}, on: writtenOn } }
}

interface WriterUnderTest {
  readonly vendor: Vendor
  readonly read: Reader
  readonly write: Writer
  /** Parts of what is allowed beyond that the platform cannot help, beside tags that stand for more. */
  readonly alsoAllowed?: RegExp
}

/**
 * Declares what every writer is held to: what it writes for the sample sites is read back whole and lets pass exactly what
 * was asked for, and no text of a site file changes what the rules say.
 */
export function writerCases({ vendor, read, write, alsoAllowed }: WriterUnderTest): void {
  for (const example of ['hq', 'everything']) {
    test(`${vendor}: what is written for ${example} is read back, and required ⊆ allowed`, async () => {
      const { asked, options, knowledge } = await sampleWriting(example, vendor)
      const written = write(asked.permits, asked.denials, options)
      const proof = proofOf({ written, asked, options, knowledge, read })
      assert.equal(proof.understood, proof.statements)
      assert.deepEqual(proof.notAllowed, [])
      assert.deepEqual(proof.notClosed, [])
      assert.ok(proof.asked > 0)
      assert.deepEqual(
        proof.beyond.filter(({ what, because }) => because === undefined && alsoAllowed?.test(what) !== true),
        [],
      )
      for (const { permit, why, instead } of written.notSaid) {
        assert.ok(permit === undefined || [...asked.permits, ...asked.denials].some(({ id }) => id === permit))
        assert.ok(why !== '' && instead !== '')
      }
    })
  }

  test(`${vendor}: a rule has its flows and reason with it, and addresses of a list have a duty with its date`, async () => {
    const { asked, options } = await sampleWriting('hq', vendor)
    let rules = 0
    let lists = 0
    for (const permit of asked.permits) {
      const { files, notSaid, duties } = write([permit], [], options)
      if (notSaid.some((one) => one.permit === permit.id)) continue
      rules += 1
      const text = files[0]?.text ?? ''
      const [reason = ''] = permit.why.split(' ')
      for (const word of [permit.flows[0] ?? permit.id, reason]) assert.ok(text.includes(word), `${word}: ${text}`)
      const { ranges, asOf } = permit.to
      // A name or a tag stands for them elsewhere.
      if (asOf === undefined || !ranges.some((range) => text.includes(rangeText(range).split(/[/-]/)[0] ?? '')))
        continue
      lists += 1
      assert.ok(
        duties.some((duty) => duty.includes(asOf)),
        `${permit.id}: ${duties.join()}`,
      )
    }
    assert.ok(rules > 0)
    if (vendorRows.find((row) => row.vendor === vendor)?.says?.join() === 'prefixes') assert.ok(lists > 0)
  })

  test(`${vendor}: no text of a site file changes what the rules say`, async () => {
    const { asked, options } = await sampleWriting('hq', vendor)
    const some = asked.permits.slice(0, 12)
    const plain = meaningOf(read, write(some, asked.denials, options))
    fc.assert(
      fc.property(hostileText(), (text) => {
        const changed = write(
          some.map((permit) => withText(permit, text)),
          asked.denials.map((permit) => withText(permit, text)),
          { ...options, site: text },
        )
        assert.deepEqual(meaningOf(read, changed), plain)
      }),
      { numRuns: 60 },
    )
  })
}

/** Texts that end strings, lines, comments and blocks in one syntax or another. */
function hostileText(): fc.Arbitrary<string> {
  const breaking = [
    ...[
      '"',
      "'",
      '`',
      '\\',
      '\n',
      '\r\n',
      '\u2028',
      '\0',
      ';',
      '#',
      '{',
      '}',
      '(',
      ')',
      '<!--',
      '-->',
      ']]>',
      '</entry>',
    ],
    ...[
      '$(x)',
      ['$', '{x}'].join(''),
      '%{x}',
      '|',
      '&',
      '*/',
      '/*',
      '//',
      '--',
      '\n accept\n',
      '"; accept; "',
      '\nend\n',
      '@',
      '!',
      '\t',
    ],
    ...[
      '’',
      'ü',
      '漢',
      '🚪',
      ' any ',
      '\u202e',
      '=',
      '[',
      ']',
      ':',
      ',',
      'EOF',
      '\n-A FORWARD -j ACCEPT\n',
      '"\nset x "',
    ],
  ]
  return fc
    .array(fc.oneof(fc.constantFrom(...breaking), fc.string({ maxLength: 6 })), { maxLength: 12 })
    .map((parts) => parts.join(''))
}

/** Everything of a permit that comes from a site file as words, with another text. */
function withText(permit: Permit, text: string): Permit {
  return {
    ...permit,
    why: text,
    flows: [text, ...permit.flows],
    from: { ...permit.from, label: text },
    to: { ...permit.to, label: text, ...(permit.to.source !== undefined && { source: text }) },
  }
}

/** What rules do, without what they are called. */
function meaningOf(read: Reader, { files, notSaid }: Written): unknown {
  const [first, ...others] = files
  const given = first === undefined ? [] : [first, ...others.filter(({ proven }) => proven === true)]
  const reading: Reading = read(given, { places: {} })
  const { statements, understood } = reading.coverage
  const chains = reading.ruleSets.map(({ chains: named, stages, doubts }) => ({
    doubts: doubts.length,
    stages: stages.map(({ hook, kind, otherwise }) => ({ hook, kind, otherwise: otherwise.action })),
    chains: Object.values(named).map((rules) =>
      rules.map(({ match, action, unknowns }) => ({
        match: comparable(match),
        action: action.kind,
        unknowns: unknowns.map(({ kind }) => kind),
      })),
    ),
  }))
  return { unread: statements - understood, chains, notSaid: new Set(notSaid.map(({ permit }) => permit)).size }
}

function comparable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, part: unknown) => (key === 'what' ? '' : typeof part === 'bigint' ? `${part}` : part)),
  )
}
