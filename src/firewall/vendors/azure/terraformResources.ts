import type { JsonValue } from '../../text/jsonTree.ts'
import type { TerraformPlan, TerraformResource } from '../../text/terraformPlan.ts'
import type { AzureResource } from './azureResource.ts'
import type { AzureValue } from './azureValue.ts'
import { arrayValue, azureValueOf, objectValue, scalarValue, unknownValue } from './azureValue.ts'

/** Types of the provider azurerm as Azure calls them. Associations keep their own, as Azure has no resource for them. */
const types: Readonly<Record<string, string>> = {
  azurerm_network_security_group: 'microsoft.network/networksecuritygroups',
  azurerm_network_security_rule: 'microsoft.network/networksecuritygroups/securityrules',
  azurerm_virtual_network: 'microsoft.network/virtualnetworks',
  azurerm_subnet: 'microsoft.network/virtualnetworks/subnets',
  azurerm_network_interface: 'microsoft.network/networkinterfaces',
  azurerm_application_security_group: 'microsoft.network/applicationsecuritygroups',
  azurerm_firewall: 'microsoft.network/azurefirewalls',
  azurerm_firewall_policy: 'microsoft.network/firewallpolicies',
  azurerm_firewall_policy_rule_collection_group: 'microsoft.network/firewallpolicies/rulecollectiongroups',
  azurerm_ip_group: 'microsoft.network/ipgroups',
  azurerm_network_manager_admin_rule:
    'microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules',
  azurerm_network_manager_admin_rule_collection:
    'microsoft.network/networkmanagers/securityadminconfigurations/rulecollections',
  azurerm_network_manager_network_group: 'microsoft.network/networkmanagers/networkgroups',
  azurerm_network_manager_static_member: 'microsoft.network/networkmanagers/networkgroups/staticmembers',
}

/** The resources of a Terraform plan or state of the providers azurerm and azapi, under Azure's own types. */
export function terraformAzureResources({ resources }: TerraformPlan): readonly AzureResource[] {
  return resources
    .filter(({ type }) => type.startsWith('azurerm_') || type === 'azapi_resource')
    .map((resource) => ({
      type: typeOf(resource),
      name: resource.values.member('name')?.text() ?? resource.name,
      key: keyOf(resource),
      value: attributesOf(resource),
      unknowns: [],
      form: 'terraform' as const,
      span: resource.span,
    }))
}

function typeOf({ type, values }: TerraformResource): string {
  if (type === 'azapi_resource') return values.member('type')?.text()?.toLowerCase().replace(/@.*$/, '') ?? type
  return types[type] ?? type
}

/** Its id where Azure gave it one, else its address, which cannot be mistaken for an id. */
function keyOf({ values, address }: TerraformResource): string {
  return values.member('id')?.text() ?? address
}

function attributesOf(resource: TerraformResource): AzureValue {
  const { values } = resource
  const span = resource.span
  const unknownOf = (name: string): (() => AzureValue) | undefined => {
    const referents = resource.referents(name)
    if (/_ids?$/.test(name) && referents.length > 0) {
      const keys = referents.map((one) => scalarValue(keyOf(one), span))
      const [only] = keys
      return () => (name.endsWith('_id') && keys.length === 1 && only !== undefined ? only : arrayValue(keys, span))
    }
    if (/_name$/.test(name) && referents.length === 1) {
      const text = referents[0]?.values.member('name')?.text()
      if (text !== undefined) return () => scalarValue(text, span)
    }
    return resource.isUnknown(name)
      ? () => unknownValue(`the attribute "${name}" of ${resource.address}, which only an apply tells`, span)
      : undefined
  }
  const own = values.names().flatMap((name) => {
    const child = values.member(name)
    if (child === undefined) return []
    const make = (): AzureValue =>
      (child.kind === 'null' ? unknownOf(name)?.() : undefined) ?? nested(resource, child, name)
    return [[name, make] as const]
  })
  const pending = pendingNames.flatMap((name) => {
    if (values.member(name) !== undefined) return []
    const make = unknownOf(name)
    return make === undefined ? [] : [[name, make] as const]
  })
  return objectValue([...own, ...pending], span)
}

/** Attributes that are left out of a plan while they are not known, and that matter here. */
const pendingNames = [
  'network_security_group_id',
  'network_security_group_name',
  'network_interface_id',
  'subnet_id',
  'application_security_group_id',
  'source_application_security_group_ids',
  'destination_application_security_group_ids',
  'source_address_prefix',
  'source_address_prefixes',
  'destination_address_prefix',
  'destination_address_prefixes',
  'destination_port_range',
  'destination_port_ranges',
  'virtual_network_name',
  'address_space',
  'address_prefixes',
  'private_ip_address',
  'firewall_policy_id',
  'base_policy_id',
  'ip_group_id',
  'cidrs',
  'admin_rule_collection_id',
  'network_group_id',
  'network_group_ids',
  'target_virtual_network_id',
  'priority',
  'body',
  'security_rule',
  'rule',
  'network_rule_collection',
  'application_rule_collection',
  'nat_rule_collection',
]

/** Ids within nested blocks, which are left out too while they are not known. */
const pendingInBlocks: Readonly<Record<string, readonly string[]>> = {
  ip_configuration: ['subnet_id', 'public_ip_address_id'],
  security_rule: ['source_application_security_group_ids', 'destination_application_security_group_ids'],
}

function nested(resource: TerraformResource, value: JsonValue, name: string): AzureValue {
  const pending = pendingInBlocks[name]
  const plain = azureValueOf(value)
  if (pending === undefined || value.kind !== 'array') return plain
  const blocks = value.elements().map((block) => {
    const members = block.names().flatMap((own) => {
      const child = block.member(own)
      return child === undefined || child.kind === 'null' ? [] : [[own, () => azureValueOf(child)] as const]
    })
    const added = pending.flatMap((own) => {
      const isThere = (block.member(own)?.kind ?? 'null') !== 'null'
      const referents = isThere ? [] : resource.referents(`${name}.${own}`)
      if (referents.length === 0) return []
      const keys = referents.map((one) => scalarValue(keyOf(one), resource.span))
      // Of several blocks nobody tells which expression is whose: one referent is sure only where there is one block.
      const isSure = value.elements().length === 1
      const make = (): AzureValue =>
        isSure
          ? keys.length === 1 && own.endsWith('_id')
            ? (keys[0] ?? arrayValue(keys, resource.span))
            : arrayValue(keys, resource.span)
          : unknownValue(`which of several "${name}" it belongs to`, resource.span)
      return [[own, make] as const]
    })
    return objectValue([...members, ...added], () => block.span())
  })
  return arrayValue(blocks, () => value.span())
}
