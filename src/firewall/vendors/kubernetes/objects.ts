import type { ConfigurationFile } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { readYaml } from '../yamlTree.ts'

/** One object of the Kubernetes API with its kind and the group of its API. */
export interface ClusterObject {
  readonly kind: string
  /** `networking.k8s.io`; empty for the core API. */
  readonly group: string
  readonly value: JsonValue
}

/** Kinds that hold packets back and that no reader here knows. */
const otherPolicies =
  /^(AdminNetworkPolicy|BaselineAdminNetworkPolicy|ClusterNetworkPolicy|GlobalNetworkPolicy|StagedNetworkPolicy|AntreaClusterNetworkPolicy|Tier|CiliumEgressGatewayPolicy|CiliumLocalRedirectPolicy|AuthorizationPolicy|NetworkPolicyAPI)$/

/**
 * The objects of YAML and JSON files, those of lists one by one. What is no object, and policies of kinds that are not
 * read, become doubts.
 */
export function readObjects(
  files: readonly ConfigurationFile[],
  statements: Statements,
  doubts: Unknown[],
): readonly ClusterObject[] {
  const objects: ClusterObject[] = []
  const take = (value: JsonValue, isInList: boolean): void => {
    const kind = value.member('kind')?.text()
    const items = value.member('items')
    if (!isInList && kind?.endsWith('List') === true && items?.kind === 'array') {
      // Elements of a typed list say their kind no more.
      const implied = kind.slice(0, -'List'.length)
      const version = value.member('apiVersion')?.text() ?? ''
      for (const item of items.elements()) {
        if (item.member('kind') === undefined && implied !== '') push(implied, version, item)
        else take(item, true)
      }
      const rest = value.member('metadata')?.member('continue')?.text()
      if (rest !== undefined && rest !== '') unplaced(value, 'the list goes on, and the rest is not in the file')
      return
    }
    if (kind === undefined) unplaced(value, 'it is no object of Kubernetes: it has no kind')
    else push(kind, value.member('apiVersion')?.text() ?? '', value)
  }
  const push = (kind: string, version: string, value: JsonValue): void => {
    const group = version.includes('/') ? (version.split('/')[0] ?? '') : ''
    const isForeign =
      kind === 'NetworkPolicy' && group !== 'networking.k8s.io' && group !== 'extensions' && group !== ''
    if (isForeign || otherPolicies.test(kind)) unplaced(value, `policies of kind ${kind} (${version}) are not read`)
    else objects.push({ kind, group, value })
  }
  const unplaced = (value: JsonValue, why: string): void => {
    const span = value.span()
    statements.unread(span, why)
    doubts.push({ kind: 'unread', what: `${span.file}:${span.line}, which was not read: ${why}` })
  }
  for (const file of files) {
    const { documents, faults } = readYaml(file)
    for (const { span, why } of faults) {
      statements.unread(span, why)
      doubts.push({ kind: 'unread', what: `${span.file}:${span.line}, which was not read: ${why}` })
    }
    for (const document of documents) {
      if (document.kind === 'array') for (const item of document.elements()) take(item, false)
      else take(document, false)
    }
  }
  return objects
}
