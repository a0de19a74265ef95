import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { needs, needsRoot } from '../../../../test/needs.ts'
import { sampleWriting, writerCases } from '../../../../test/writerCases.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'iptables', read, write })

for (const example of ['hq', 'everything']) {
  test(`iptables-restore takes what is written for ${example}, of both families`, async (t) => {
    const iptables = needs(t, 'iptables')
    if (iptables === undefined || !needsRoot(t)) return
    const { asked, options } = await sampleWriting(example, 'iptables')
    const { files } = write(asked.permits, asked.denials, options)
    for (const [at, program] of ['iptables-restore', 'ip6tables-restore'].entries()) {
      const input = files[at]?.text ?? ''
      const { status, stderr } = spawnSync(program, ['--test'], { input, encoding: 'utf8' })
      assert.equal(status, 0, stderr)
    }
  })
}

test('ports are cut where one match has no room for more', async () => {
  const { asked, options } = await sampleWriting('hq', 'iptables')
  const [first] = asked.permits
  if (first === undefined) assert.fail()
  const ports = Array.from({ length: 20 }, (_, at) => ({ first: 1000 + at * 10, last: 1000 + at * 10 + (at % 2) }))
  const [file] = write([{ ...first, ports }], [], options).files
  const found = [...(file?.text ?? '').matchAll(/--dports (\S+)/g)].map(([, list = '']) => list.split(/[,:]/).length)
  assert.ok(found.length > 1 && found.every((count) => count <= 15))
})

test('a list of hundreds of prefixes stands once, however many rules have it', async () => {
  const { asked, options } = await sampleWriting('everything', 'iptables')
  const [file] = write(asked.permits, asked.denials, options).files
  const lines = (file?.text ?? '').split('\n')
  assert.equal(lines.filter((line) => line.includes('-d 4.149.20.0/24')).length, 1)
})
