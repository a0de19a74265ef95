import type { Element } from './der.ts'
import { element, elements, objectIdentifier, tags } from './der.ts'

/** Mechanisms that a NegTokenInit names (MS-SPNG §3.1.5, RFC 4178; NEGOEX and IAKERB from their drafts), by what they are called. */
const mechanismNames: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113554.1.2.2', 'Kerberos'],
  ['1.2.840.48018.1.2.2', 'MS-Kerberos'],
  ['1.2.840.113554.1.2.2.3', 'Kerberos user-to-user'],
  ['1.3.6.1.5.2.5', 'IAKERB'],
  ['1.3.6.1.4.1.311.2.2.10', 'NTLMSSP'],
  ['1.3.6.1.4.1.311.2.2.30', 'NEGOEX'],
])

const spnego = '1.3.6.1.5.5.2'
const applicationZero = 0x60
/** Servers name three to five; identifiers in use have up to ten octets. */
const mostMechanisms = 16
const longestIdentifier = 32

/**
 * The mechanisms for signing in that a server offers in its NegTokenInit (RFC 4178 §4.2.1, MS-SPNG §2.2.1), the one that
 * it likes best first: names, or the dotted identifier of one that is not known. What follows them is not looked at.
 *
 * @returns undefined when the octets are no NegTokenInit
 */
export function spnegoMechanisms(octets: Uint8Array): readonly string[] | undefined {
  const outer = element(octets, 0, octets.length)
  if (outer?.tag !== applicationZero) return undefined
  const [identifier, choice] = elements(octets, outer.from, outer.to)
  if (identifier === undefined || choice?.tag !== tags.context(0)) return undefined
  if (identifierOf(octets, identifier) !== spnego) return undefined
  const token = inside(octets, choice, tags.sequence)
  const types = token && inside(octets, token, tags.context(0))
  const list = types && inside(octets, types, tags.sequence)
  if (list === undefined) return undefined
  const names: string[] = []
  for (const each of elements(octets, list.from, list.to)) {
    const dotted = identifierOf(octets, each)
    if (dotted === undefined || names.length === mostMechanisms) break
    names.push(mechanismNames.get(dotted) ?? dotted)
  }
  return names
}

/** The first element inside another, when it has the tag. */
function inside(octets: Uint8Array, { from, to }: Element, tag: number): Element | undefined {
  const first = element(octets, from, to)
  return first?.tag === tag ? first : undefined
}

function identifierOf(octets: Uint8Array, each: Element): string | undefined {
  const length = each.to - each.from
  const isIdentifier = each.tag === tags.objectIdentifier && length > 0 && length <= longestIdentifier
  return isIdentifier ? objectIdentifier(octets, each) : undefined
}
