import type { NotPermitted, Permit } from '../../permit.ts'
import type { Writer } from '../../writer.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import { nameOf, plainText } from '../../writing/plainText.ts'
import { rulesToWrite } from '../../writing/rulesToWrite.ts'
import { setupDuties } from '../../writing/setupDuties.ts'
import { uncontested } from '../../writing/uncontested.ts'
import type { Resource } from '../azure/bicepText.ts'
import { armValue, bicepText } from '../azure/bicepText.ts'
import type { HclBlock } from '../azure/hclText.ts'
import { hclText } from '../azure/hclText.ts'
import type { SecurityRow } from './writtenRows.ts'
import { isEchoOverIpv6, securityRows } from './writtenRows.ts'

const platform = { called: 'a network security group', says: ['tags', 'prefixes'] } as const
/** As many as Azure lets one group have where nobody asked for more. */
const usualMost = 1000

/**
 * Writes a network security group: an ARM template, which is what is proven, and Bicep and Terraform rendered from the
 * same rows.
 */
export const write: Writer = (permits, denials, { site, passage, on }) => {
  const echoes = permits.filter(isEchoOverIpv6)
  const said = permits.filter((permit) => !echoes.includes(permit))
  const { rules, notSaid } = rulesToWrite(said, passage, platform)
  const { denials: closed, notSaid: contested } = uncontested(
    rulesToWrite(
      denials.filter((denial) => !isEchoOverIpv6(denial)),
      passage,
      platform,
    ).rules,
    rules,
  )
  const rows = securityRows(closed, rules)
  const duties = [
    ...dutiesOf(rules),
    ...setupDuties(rules, ({ id }) => nameOf(`allow-${id}`, '-', 80)),
    ...(rows.length > usualMost
      ? [`Ask Azure for more than ${usualMost} rules in one group: there are ${rows.length}`]
      : []),
  ]
  const group = nameOf(`nsg-${site}`, '-', 80)
  const head = `What ${plainText(site, 60)} asks of this network security group, as postern plan wrote it on ${plainText(on, 30)}.`
  const told = [head, ...duties.map((duty) => `To do again: ${plainText(duty, 1000)}`)]
  return {
    files: [
      { name: `${group}.json`, text: armText(group, rows, told) },
      { name: `${group}.bicep`, text: bicepFile(group, rows, told) },
      { name: `${group}.tf`, text: terraformText(group, rows, told) },
    ],
    notSaid: [...notSaid, ...echoes.flatMap(echoNotSaid), ...contested],
    duties,
  }
}

function echoNotSaid({ id, flows }: Permit): readonly NotPermitted[] {
  return flows.map((flow) => ({
    flow,
    permit: id,
    why: 'network security groups do not tell ICMPv6 from other protocols',
    instead: 'give the echo by IPv4 alone, or do without it',
  }))
}

function resourceOf(group: string, rows: readonly SecurityRow[]): { readonly [key: string]: Resource } {
  return {
    name: group,
    location: { expression: 'location' },
    properties: { securityRules: rows.map((row) => ({ name: row.name, properties: propertiesOf(row) })) },
  }
}

/** One value stands in the singular field: a tag and `*` may stand nowhere else. */
function propertiesOf(row: SecurityRow): { readonly [key: string]: Resource } {
  return {
    description: row.description,
    priority: row.priority,
    direction: row.direction,
    access: row.access,
    protocol: row.protocol,
    ...oneOrMany('sourceAddressPrefix', 'sourceAddressPrefixes', row.sources),
    sourcePortRange: '*',
    ...oneOrMany('destinationAddressPrefix', 'destinationAddressPrefixes', row.destinations),
    ...oneOrMany('destinationPortRange', 'destinationPortRanges', row.ports),
  }
}

function oneOrMany(
  one: string,
  many: string,
  values: readonly string[],
): Readonly<Record<string, string | readonly string[]>> {
  const [only, ...more] = values
  return only !== undefined && more.length === 0 ? { [one]: only } : { [many]: values }
}

function armText(group: string, rows: readonly SecurityRow[], told: readonly string[]): string {
  const { name, ...resource } = resourceOf(group, rows)
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    metadata: { description: told.join(' ') },
    parameters: { location: { type: 'string', defaultValue: '[resourceGroup().location]' } },
    resources: [
      {
        type: 'Microsoft.Network/networkSecurityGroups',
        apiVersion,
        name,
        ...(armValue(resource, { location: "[parameters('location')]" }) as object),
      },
    ],
  }
  return `${JSON.stringify(template, undefined, 2)}\n`
}

const apiVersion = '2024-05-01'

function bicepFile(group: string, rows: readonly SecurityRow[], told: readonly string[]): string {
  return [
    ...told.map((line) => `// ${line}`),
    '',
    'param location string = resourceGroup().location',
    '',
    `resource group 'Microsoft.Network/networkSecurityGroups@${apiVersion}' = ${bicepText(resourceOf(group, rows))}`,
    '',
  ].join('\n')
}

function terraformText(group: string, rows: readonly SecurityRow[], told: readonly string[]): string {
  const variable = (name: string): HclBlock => ({
    type: 'variable',
    labels: [name],
    arguments: { type: { expression: 'string' } },
  })
  const resource: HclBlock = {
    type: 'resource',
    labels: ['azurerm_network_security_group', nameOf(group, '_')],
    arguments: {
      name: group,
      location: { expression: 'var.location' },
      resource_group_name: { expression: 'var.resource_group_name' },
    },
    blocks: rows.map((row) => ({
      type: 'security_rule',
      arguments: {
        name: row.name,
        description: row.description,
        priority: row.priority,
        direction: row.direction,
        access: row.access,
        protocol: row.protocol,
        ...oneOrMany('source_address_prefix', 'source_address_prefixes', row.sources),
        source_port_range: '*',
        ...oneOrMany('destination_address_prefix', 'destination_address_prefixes', row.destinations),
        ...oneOrMany('destination_port_range', 'destination_port_ranges', row.ports),
      },
    })),
  }
  return [
    ...told.map((line) => `# ${line}`),
    '',
    hclText(variable('location')),
    hclText(variable('resource_group_name')),
    hclText(resource),
  ].join('\n')
}
