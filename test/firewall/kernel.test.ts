import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { after, before, test } from 'node:test'
import { read as readIptables } from '../../src/firewall/vendors/iptables/index.ts'
import { read as readNftables } from '../../src/firewall/vendors/nftables/index.ts'
import { forbidden, isForbidden } from '../namespaces/forbidden.ts'
import { installed, needs, needsRoot } from '../needs.ts'
import { answersOf, holdAgainst, questionsAbout, ruleSetOf } from './kernelAgreement.ts'
import type { KernelNet } from './kernelNet.ts'
import { openKernelNet } from './kernelNet.ts'
import type { KernelRules } from './kernelRules.ts'
import { iptablesRules, nftRules } from './kernelRules.ts'
import { randomIptables, randomNft } from './randomKernelRules.ts'

let lastPort = 10_000
const nextPort = (): number => {
  lastPort = lastPort < 60_000 ? lastPort + 1 : 10_001
  return lastPort
}

let net: KernelNet | undefined
let mayNot = false

before(async () => {
  const [ip, nft, iptables] = [installed('ip'), installed('nft'), installed('iptables')]
  if (process.getuid?.() !== 0 || ip === undefined || nft === undefined || iptables === undefined) return
  try {
    net = await openKernelNet({ ip, nft, iptables })
  } catch (error) {
    if (process.env['CI'] === 'true' || !isForbidden(error)) throw error
    mayNot = true
  }
})
after(() => net?.close())

/** The network, where there can be one; otherwise the test has been marked as left out. */
function kernelFor(t: TestContext): KernelNet | undefined {
  const tools = [needs(t, 'ip'), needs(t, 'nft'), needs(t, 'iptables')]
  if (tools.includes(undefined) || !needsRoot(t)) return undefined
  if (mayNot) t.skip(forbidden)
  return net
}

/** A kernel may lack what a rule asks for; the row is left out by name then, on CI too. */
async function loads(t: TestContext, load: () => Promise<void>): Promise<boolean> {
  try {
    await load()
    return true
  } catch (error) {
    const text = error instanceof Error ? error.message : ''
    if (!/No such file or directory|not supported|No chain\/target\/match|Could not process rule: No/.test(text))
      throw error
    t.skip('this kernel lacks what the rules ask for')
    return false
  }
}

async function flush(kernel: KernelNet): Promise<void> {
  await kernel.nft('flush ruleset\n')
}

async function holdNft(t: TestContext, rules: string, isKept: boolean): Promise<void> {
  const kernel = kernelFor(t)
  if (kernel === undefined) return
  await flush(kernel)
  if (!(await loads(t, () => kernel.nft(rules)))) return
  const questions = questionsAbout([22, 53, 80, 443], nextPort)
  const written = ruleSetOf(readNftables, [['rules.nft', rules]])
  const open = await holdAgainst(kernel, written, questions, isKept)
  assert.equal(open, 0, 'questions are left open')
  const said = answersOf(written, questions)
  const [text, json] = await Promise.all([
    kernel.run('nft', 'list', 'ruleset'),
    kernel.run('nft', '-j', 'list', 'ruleset'),
  ])
  // Some versions of nft leave the devices of a chain and the flags of a table out of their JSON.
  if (!/table netdev|flags dormant/.test(rules)) {
    assert.deepEqual(answersOf(ruleSetOf(readNftables, [['ruleset.json', json]]), questions), said, json)
  }
  // What nft lists of "==" with several flags it would read back as another question.
  if (text.trim() !== '' && !/ct state (==|!=) \w+,/.test(rules)) {
    assert.deepEqual(answersOf(ruleSetOf(readNftables, [['ruleset', text]]), questions), said, text)
  }
}

async function holdIptables(t: TestContext, { rules, rules6 = '' }: KernelRules, isKept: boolean): Promise<void> {
  const kernel = kernelFor(t)
  if (kernel === undefined) return
  await flush(kernel)
  if (!(await loads(t, () => kernel.restore(4, rules)))) return
  if (!(await loads(t, () => kernel.restore(6, rules6)))) return
  const questions = questionsAbout([22, 53, 80, 443], nextPort)
  const written = ruleSetOf(readIptables, [
    ['rules.v4', rules],
    ['rules.v6', rules6],
  ])
  const open = await holdAgainst(kernel, written, questions, isKept)
  assert.equal(open, 0, 'questions are left open')
  const saved = await Promise.all([kernel.run('iptables-save'), kernel.run('ip6tables-save')])
  const again = ruleSetOf(readIptables, [
    ['saved', saved[0]],
    ['saved6', saved[1]],
  ])
  assert.deepEqual(answersOf(again, questions), answersOf(written, questions), saved[0])
}

for (const row of nftRules) test(`the kernel agrees on nftables: ${row.says}`, (t) => holdNft(t, row.rules, false))

for (const row of iptablesRules) test(`the kernel agrees on iptables: ${row.says}`, (t) => holdIptables(t, row, false))

for (let seed = 1; seed <= 20; seed += 1) {
  test(`the kernel agrees on rules of nftables by chance, seed ${seed}`, (t) => holdNft(t, randomNft(seed), true))
}

for (let seed = 1; seed <= 10; seed += 1) {
  test(`the kernel agrees on rules of iptables by chance, seed ${seed}`, (t) =>
    holdIptables(t, randomIptables(seed), true))
}
