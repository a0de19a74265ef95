import { nameOf } from '../../writing/plainText.ts'
import type { Resource } from '../azure/bicepText.ts'
import { armValue, bicepText } from '../azure/bicepText.ts'
import type { HclBlock, HclValue } from '../azure/hclText.ts'
import { hclText } from '../azure/hclText.ts'
import type { PolicyRule, RuleCollection } from './writtenRules.ts'

/** A policy that is to be written, with what stands at the top of each file. */
export interface WrittenPolicy {
  readonly name: string
  readonly group: string
  /** Names of network rules are looked up by the firewall and its clients alike only through its proxy. */
  readonly needsDnsProxy: boolean
  readonly collections: readonly RuleCollection[]
  readonly told: readonly string[]
}

const apiVersion = '2024-05-01'
const groupPriority = 500

function policyProperties({ needsDnsProxy }: WrittenPolicy): Resource {
  return { threatIntelMode: 'Alert', ...(needsDnsProxy && { dnsSettings: { enableProxy: true } }) }
}

function groupProperties({ collections }: WrittenPolicy): Resource {
  return {
    priority: groupPriority,
    ruleCollections: collections.map(({ name, action, priority, rules }) => ({
      ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
      name,
      priority,
      action: { type: action },
      rules: rules.map(ruleProperties),
    })),
  }
}

function ruleProperties(rule: PolicyRule): Resource {
  const told = { name: rule.name, description: rule.description }
  if (rule.kind === 'application') {
    return {
      ruleType: 'ApplicationRule',
      ...told,
      sourceAddresses: rule.sources,
      protocols: rule.protocols.map(({ type, port }) => ({ protocolType: type, port })),
      targetFqdns: rule.names,
    }
  }
  return {
    ruleType: 'NetworkRule',
    ...told,
    ipProtocols: [rule.protocol],
    sourceAddresses: rule.sources,
    ...(rule.names.length > 0 ? { destinationFqdns: rule.names } : { destinationAddresses: rule.destinations }),
    destinationPorts: rule.ports,
  }
}

/** The ARM template. */
export function armFile(policy: WrittenPolicy): string {
  const location = "[parameters('location')]"
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    metadata: { description: policy.told.join(' ') },
    parameters: { location: { type: 'string', defaultValue: '[resourceGroup().location]' } },
    resources: [
      {
        type: 'Microsoft.Network/firewallPolicies',
        apiVersion,
        name: policy.name,
        location,
        properties: armValue(policyProperties(policy), {}),
      },
      {
        type: 'Microsoft.Network/firewallPolicies/ruleCollectionGroups',
        apiVersion,
        name: `${policy.name}/${policy.group}`,
        dependsOn: [`[resourceId('Microsoft.Network/firewallPolicies', '${policy.name}')]`],
        properties: armValue(groupProperties(policy), {}),
      },
    ],
  }
  return `${JSON.stringify(template, undefined, 2)}\n`
}

/** The same policy for Bicep. */
export function bicepFile(policy: WrittenPolicy): string {
  const own: Resource = {
    name: policy.name,
    location: { expression: 'location' },
    properties: policyProperties(policy),
  }
  const group: Resource = {
    parent: { expression: 'policy' },
    name: policy.group,
    properties: groupProperties(policy),
  }
  return [
    ...policy.told.map((line) => `// ${line}`),
    '',
    'param location string = resourceGroup().location',
    '',
    `resource policy 'Microsoft.Network/firewallPolicies@${apiVersion}' = ${bicepText(own)}`,
    '',
    `resource group 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@${apiVersion}' = ${bicepText(group)}`,
    '',
  ].join('\n')
}

/** The same policy for Terraform's provider azurerm. */
export function terraformFile(policy: WrittenPolicy): string {
  const label = nameOf(policy.name, '_')
  const text = (
    type: string,
    labels: readonly string[],
    given: Readonly<Record<string, HclValue>>,
    blocks: readonly HclBlock[] = [],
  ) => hclText({ type, labels, arguments: given, blocks })
  const dns: readonly HclBlock[] = policy.needsDnsProxy ? [{ type: 'dns', arguments: { proxy_enabled: true } }] : []
  return [
    ...policy.told.map((line) => `# ${line}`),
    '',
    text('variable', ['location'], { type: { expression: 'string' } }),
    text('variable', ['resource_group_name'], { type: { expression: 'string' } }),
    text(
      'resource',
      ['azurerm_firewall_policy', label],
      {
        name: policy.name,
        location: { expression: 'var.location' },
        resource_group_name: { expression: 'var.resource_group_name' },
        threat_intelligence_mode: 'Alert',
      },
      dns,
    ),
    text(
      'resource',
      ['azurerm_firewall_policy_rule_collection_group', nameOf(policy.group, '_')],
      {
        name: policy.group,
        firewall_policy_id: { expression: `azurerm_firewall_policy.${label}.id` },
        priority: groupPriority,
      },
      policy.collections.map(collectionBlock),
    ),
  ].join('\n')
}

function collectionBlock({ name, kind, action, priority, rules }: RuleCollection): HclBlock {
  return {
    type: `${kind}_rule_collection`,
    arguments: { name, priority, action },
    blocks: rules.map((rule) => ({ type: 'rule', ...ruleBlock(rule) })),
  }
}

function ruleBlock(rule: PolicyRule): Omit<HclBlock, 'type'> {
  const told = { name: rule.name, description: rule.description }
  if (rule.kind === 'application') {
    return {
      arguments: { ...told, source_addresses: rule.sources, destination_fqdns: rule.names },
      blocks: rule.protocols.map(({ type, port }) => ({ type: 'protocols', arguments: { type, port } })),
    }
  }
  return {
    arguments: {
      ...told,
      protocols: [rule.protocol],
      source_addresses: rule.sources,
      ...(rule.names.length > 0 ? { destination_fqdns: rule.names } : { destination_addresses: rule.destinations }),
      destination_ports: rule.ports,
    },
  }
}
