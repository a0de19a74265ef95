import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { needs, needsRoot } from '../../../../test/needs.ts'
import { sampleWriting, writerCases } from '../../../../test/writerCases.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'nftables', read, write })

for (const example of ['hq', 'everything']) {
  test(`nft takes what is written for ${example}`, async (t) => {
    const nft = needs(t, 'nft')
    if (nft === undefined || !needsRoot(t)) return
    const { asked, options } = await sampleWriting(example, 'nftables')
    const [file] = write(asked.permits, asked.denials, options).files
    assert.deepEqual(answerOf(nft, file?.text), [0, ''])
  })
}

test('nft takes what is written whatever the site file calls things', async (t) => {
  const nft = needs(t, 'nft')
  if (nft === undefined || !needsRoot(t)) return
  const { asked, options } = await sampleWriting('hq', 'nftables')
  for (const text of ['"; flush ruleset; "', '} # {', 'a\nb\\', 'Ü — 漢 🚪 \u202e', '', 'x'.repeat(5000)]) {
    const permits = asked.permits.map((permit) => ({
      ...permit,
      why: text,
      flows: [text],
      from: { ...permit.from, label: text },
      to: { ...permit.to, label: text, ...(permit.to.source !== undefined && { source: text }) },
    }))
    const { files } = write(permits, asked.denials, { ...options, site: text })
    assert.deepEqual(answerOf(nft, files[0]?.text), [0, ''], text)
  }
})

test('a machine that opens and accepts gets a chain for each, and still reaches itself', async () => {
  const { asked, options } = await sampleWriting('hq', 'nftables')
  const [first, second] = asked.permits
  if (first === undefined || second === undefined) assert.fail()
  const [file] = write([first, { ...second, passage: 'input' }], [], { ...options, passage: 'output' }).files
  assert.match(file?.text ?? '', /hook output [^\n]*policy drop;\n.*\n\t\toifname "lo" accept/)
  assert.match(file?.text ?? '', /hook input [^\n]*policy drop;\n.*\n\t\tiifname "lo" accept/)
})

test('addresses of a list carry its date, and the duty to fetch it again', async () => {
  const { asked, options } = await sampleWriting('hq', 'nftables')
  const { files, duties } = write(asked.permits, asked.denials, options)
  assert.match(files[0]?.text ?? '', /comment "Office 365 URLs and IP address ranges, id 56, as of \d{4}-\d\d-\d\d"/)
  assert.ok(duties.some((duty) => /id 56 \(as of \d{4}-\d\d-\d\d\).*--tags FILE/.test(duty)))
})

test('what another table drops is told to look for: an accept of this one does not count there', async () => {
  const { asked, options } = await sampleWriting('hq', 'nftables')
  const { files, duties } = write(asked.permits, asked.denials, options)
  const [duty = ''] = duties.filter((one) => one.startsWith('What another table drops'))
  assert.match(duty, /no other chain at hook (forward|input|output)/)
  assert.match(duty, /nft -j list ruleset \| postern audit - --vendor nftables$/)
  assert.ok(files[0]?.text.includes(`# ${duty}`))
})

/** What nft says of a file that it only checks: how it ended, and what it wrote on stderr. */
function answerOf(nft: string, text = ''): readonly [number | null, string] {
  const { status, stderr } = spawnSync(nft, ['-c', '-f', '-'], { input: text, encoding: 'utf8' })
  return [status, stderr]
}
