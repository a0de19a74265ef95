import type { ConfigurationFile, Span } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import { readJson } from '../../text/jsonTree.ts'
import { readTerraformPlan } from '../../text/terraformPlan.ts'
import { armBudget } from './armScope.ts'
import type { TemplateSink } from './armTemplate.ts'
import { armParameters, isArmParameters, isArmTemplate, readArmTemplate } from './armTemplate.ts'
import type { AzureResources } from './azureResource.ts'
import { effectiveType } from './azureResource.ts'
import type { AzureValue } from './azureValue.ts'
import { azureValueOf } from './azureValue.ts'
import { parseResourceId, resourceIdText } from './resourceId.ts'
import { terraformAzureResources } from './terraformResources.ts'

/**
 * Finds the resources of Azure in files of any form in which they come: REST answers and what `az`, `Get-Az… |
 * ConvertTo-Json` and Resource Graph make of them, one resource or lists; deployment templates with their parameters
 * files; plans and states of Terraform. Never throws.
 *
 * A parameters file holds for every template among the files. A virtual network's subnets are given as resources of
 * their own.
 */
export function readAzureResources(files: readonly ConfigurationFile[]): AzureResources {
  const sink: TemplateSink = { resources: [], unread: [], budget: armBudget() }
  const roots: JsonValue[] = []
  const given = new Map<string, AzureValue>()
  for (const file of files) {
    const read = readJson(file)
    if ('fault' in read) sink.unread.push(read.fault)
    else if (isArmTemplate(read.ok)) roots.push(read.ok)
    else if (isArmParameters(read.ok)) for (const [name, value] of armParameters(read.ok)) given.set(name, value)
    else roots.push(read.ok)
  }
  for (const root of roots) {
    const terraform = isArmTemplate(root) ? undefined : readTerraformPlan(root)
    if (isArmTemplate(root)) readArmTemplate(root, given, sink)
    else if (terraform !== undefined) sink.resources.push(...terraformAzureResources(terraform))
    else readExport(root, sink)
  }
  for (const resource of [...sink.resources]) addSubnets(resource.key, resource.value, resource.type, sink)
  return sink
}

/** Texts of lists that are read of files: more than they can hold without loops of a template. */
export function listBudget(files: readonly ConfigurationFile[]): { texts: number } {
  return { texts: files.reduce((sum, { text }) => sum + text.length, 100_000) }
}

/** Members of what Azure's APIs answer with that hold the list. */
const listNames = ['value', 'Value', 'data']

function readExport(root: JsonValue, sink: TemplateSink): void {
  for (const element of root.elements()) readExport(element, sink)
  if (root.kind === 'array') return
  if (root.kind !== 'object') {
    sink.unread.push({ span: root.span(), why: 'it is no resource of Azure' })
    return
  }
  const list = listNames.map((name) => root.member(name)).find((value) => value?.kind === 'array')
  if (list !== undefined) {
    readExport(list, sink)
    const next = root.member('nextLink') ?? root.member('$skipToken') ?? root.member('skipToken')
    if (next?.text() !== undefined) {
      sink.unread.push({
        span: next.span(),
        why: 'the list goes on at another address, and that part is not in these files',
      })
    }
    return
  }
  const value = azureValueOf(root)
  const found = identified(value)
  const span = (): Span => root.span()
  if (found === undefined) sink.unread.push({ span: span(), why: 'it has neither type nor id of a resource of Azure' })
  else sink.resources.push({ ...found, value, unknowns: [], form: 'rest', span })
}

/** Members by which an object is known that has neither type nor id: somebody cut it to what matters. */
const shapes: readonly (readonly [member: string, type: string])[] = [
  ['securityRules', 'microsoft.network/networksecuritygroups'],
  ['networkRuleCollections', 'microsoft.network/azurefirewalls'],
  ['ruleCollections', 'microsoft.network/firewallpolicies/rulecollectiongroups'],
  ['ruleCollectionGroups', 'microsoft.network/firewallpolicies'],
  ['addressSpace', 'microsoft.network/virtualnetworks'],
]

/** Names by which PowerShell's objects show what they are, where the id was taken out. */
function identified(value: AzureValue): { type: string; name: string; key: string } | undefined {
  if (value.member('effectiveSecurityRules') !== undefined) {
    const id = value.member('networkSecurityGroup')?.member('id')?.text() ?? ''
    return { type: effectiveType, name: id.split('/').at(-1) ?? '', key: id }
  }
  const id = value.member('id')?.text()
  const parsed = id === undefined ? undefined : parseResourceId(id)
  const byShape = shapes.find(([member]) => value.member(member) !== undefined)?.[1]
  const stated = value.member('type')?.text()?.toLowerCase()
  const type = parsed?.type ?? (stated?.includes('/') === true ? stated : byShape)
  if (type === undefined) return undefined
  const name = value.member('name')?.text() ?? id?.split('/').at(-1) ?? ''
  return { type, name, key: parsed !== undefined && id !== undefined ? id : resourceIdText(type, name) }
}

/** A network's answer and template hold its subnets within; what points at one has its own id. */
function addSubnets(key: string, value: AzureValue, type: string, sink: TemplateSink): void {
  if (type !== 'microsoft.network/virtualnetworks') return
  const blocks = value.member('subnets') ?? value.member('subnet')
  for (const subnet of blocks?.elements() ?? []) {
    const name = subnet.member('name')?.text() ?? ''
    const id = subnet.member('id')?.text()
    const own = id !== undefined && id !== '' ? id : `${key}/subnets/${name}`
    sink.resources.push({
      type: 'microsoft.network/virtualnetworks/subnets',
      name,
      key: own,
      value: subnet,
      unknowns: [],
      form: 'rest',
      span: () => subnet.span(),
    })
  }
}
