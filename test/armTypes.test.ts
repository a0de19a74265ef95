import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FirewallPolicy, FirewallPolicyRuleCollectionGroup, NetworkSecurityGroup } from '@azure-rest/arm-network'
import { write as writeFirewall } from '../src/firewall/vendors/azureFirewall/index.ts'
import { write as writeGroup } from '../src/firewall/vendors/azureNsg/index.ts'
import type { Writer } from '../src/firewall/writer.ts'
import type { Vendor } from '../src/model/vendor.ts'
import { sampleWriting } from './writerCases.ts'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))

interface Published {
  readonly NetworkSecurityGroup: NetworkSecurityGroup
  readonly FirewallPolicy: FirewallPolicy
  readonly FirewallPolicyRuleCollectionGroup: FirewallPolicyRuleCollectionGroup
}

/** Resources of templates by the type that Azure's published client gives their bodies. */
const typeOf: Readonly<Record<string, keyof Published>> = {
  'Microsoft.Network/networkSecurityGroups': 'NetworkSecurityGroup',
  'Microsoft.Network/firewallPolicies': 'FirewallPolicy',
  'Microsoft.Network/firewallPolicies/ruleCollectionGroups': 'FirewallPolicyRuleCollectionGroup',
}

interface Resource {
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
}

const writers: readonly (readonly [Vendor, Writer])[] = [
  ['azure-nsg', writeGroup],
  ['azure-firewall', writeFirewall],
]

async function resourcesOf(example: string): Promise<readonly Resource[]> {
  const all = await Promise.all(
    writers.map(async ([vendor, write]) => {
      const { asked, options } = await sampleWriting(example, vendor)
      const template = write(asked.permits, asked.denials, options).files.find(({ name }) => name.endsWith('.json'))
      const { resources } = JSON.parse(template?.text ?? assert.fail(vendor)) as { resources: readonly Resource[] }
      return resources
    }),
  )
  return all.flat()
}

/** What the compiler says of the resources as literals of the published types, member by member. */
async function complaintsOf(resources: readonly Resource[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-arm-'))
  try {
    await symlink(modules, join(folder, 'node_modules'), 'junction')
    const lines = resources.map(({ type, properties }, at) => {
      const name = typeOf[type] ?? assert.fail(`${type} has no published type here`)
      return `export const r${at}: import('@azure-rest/arm-network').${name} = ${JSON.stringify({ properties })}`
    })
    await writeFile(join(folder, 'resources.ts'), lines.join('\n'))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    const settings = { strict: true, noEmit: true, module: 'nodenext', target: 'es2024', skipLibCheck: true, types: [] }
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: settings, files: ['resources.ts'] }),
    )
    const compiler = join(modules, 'typescript', 'bin', 'tsc')
    return await new Promise((resolve) =>
      execFile(process.execPath, [compiler, '-p', folder], { cwd: folder }, (error, stdout, stderr) =>
        resolve(error === null ? '' : stdout + stderr),
      ),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('templates for Azure are of the types that Azure publishes', async () => {
  const resources = (await Promise.all(['hq', 'everything', 'adfs', 'audit'].map(resourcesOf))).flat()
  assert.deepEqual(new Set(resources.map(({ type }) => type)), new Set(Object.keys(typeOf)))
  assert.equal(await complaintsOf(resources), '')
})

test('a misspelt member and a text for a number are complained of', async () => {
  const wrong = [
    { protocol: 'Tcp', access: 'Allow', direction: 'Outbound', priority: 100, sourcePortRnage: '*' },
    { protocol: 'Tcp', access: 'Allow', direction: 'Outbound', priority: '100' },
  ].map((properties) => ({
    type: 'Microsoft.Network/networkSecurityGroups',
    properties: { securityRules: [{ name: 'one', properties }] },
  }))
  const said = await complaintsOf(wrong)
  assert.match(said, /resources\.ts\(1,.*sourcePortRnage/)
  assert.match(said, /resources\.ts\(2,/)
})
