import type { JsonValue } from '../../text/jsonTree.ts'

/** A value of a configuration that may be settled elsewhere; absent where nothing is written. */
export type Field = { readonly known: string } | { readonly unknown: string } | undefined

const noResources: ReadonlySet<string> = new Set()

/**
 * A text or number as it stands, and what CloudFormation's functions stand for: a reference within the template is the
 * logical id that it names; parameters, imports and composed texts are unknown, in words.
 */
export function fieldOf(value: JsonValue | undefined, resources: ReadonlySet<string> = noResources): Field {
  if (value === undefined || value.kind === 'null') return undefined
  if (value.kind !== 'object' && value.kind !== 'array') return { known: String(value.scalar) }
  const [name] = value.names()
  const inner = name === undefined ? undefined : value.member(name)
  if (name === 'Ref') {
    const to = inner?.text() ?? ''
    if (to === 'AWS::NoValue') return undefined
    return resources.has(to) ? { known: to } : { unknown: `the value of the parameter ${to}` }
  }
  if (name === 'Fn::GetAtt') {
    const parts = inner?.text()?.split('.') ?? inner?.elements().map((part) => part.text() ?? '') ?? []
    const [resource = '', attribute = ''] = parts
    // The attributes that are the thing itself; of others, such as a peer's address, nothing is known.
    if (/^(GroupId|Id|PrefixListId|VpcId|SubnetId|RouteTableId|DefaultSecurityGroup)$/.test(attribute)) {
      return { known: attribute === 'DefaultSecurityGroup' ? `${resource}.DefaultSecurityGroup` : resource }
    }
    return { unknown: `the attribute ${parts.join('.')}` }
  }
  if (name?.startsWith('Fn::') === true) return { unknown: `what ${name.slice(4)} gives: ${value.span().text}` }
  return { unknown: `what is written: ${value.span().text}` }
}

export function knownOf(field: Field): string | undefined {
  return field !== undefined && 'known' in field ? field.known : undefined
}

/** A field that is a whole number, `undefined` where it is none or is not known. */
export function integerOf(field: Field): number | undefined {
  const text = knownOf(field)
  return text !== undefined && /^-?\d{1,6}$/.test(text) ? Number(text) : undefined
}
