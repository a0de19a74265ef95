import type { Span } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'

/**
 * A value of an Azure resource, the same for every form in which resources are written down: REST with `properties`,
 * the flattened output of `az`, PowerShell's capitals, Terraform's underscores, templates with expressions.
 */
export interface AzureValue {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'unknown'
  readonly scalar?: string | number | boolean
  /** For `unknown`: why, in words that go on from *is not known:*. */
  readonly because?: string
  /** For `unknown`: the same text wherever the same value is meant, so that a name can be told from another. */
  readonly symbol?: string
  /**
   * A member by its REST name, whatever its case or underscores, of the object or of its `properties`. What is null is
   * not there.
   */
  member(name: string): AzureValue | undefined
  /** Names of an object's own members, as they are written. */
  names(): readonly string[]
  /** Elements of an array; empty for other values. */
  elements(): readonly AzureValue[]
  /** Text of a string or number; undefined for other values. */
  text(): string | undefined
  /** A finite number, also where it stands in quotation marks. */
  number(): number | undefined
  span(): Span
}

/** A value as it stands in a text; what stands within it may be read otherwise. */
export function azureValueOf(json: JsonValue, read: (child: JsonValue) => AzureValue = azureValueOf): AzureValue {
  switch (json.kind) {
    case 'object': {
      const member = (name: string): AzureValue | undefined => {
        const child = json.member(name)
        return child === undefined ? undefined : read(child)
      }
      return new ObjectValue(json.names(), member, () => json.span())
    }
    case 'array':
      return new ArrayValue(
        () => json.elements().map((child) => read(child)),
        () => json.span(),
      )
    default:
      return new ScalarValue(json.scalar ?? null, () => json.span())
  }
}

/** An object with members that are made when they are asked for. Of names that are alike the last counts. */
export function objectValue(
  members: readonly (readonly [name: string, make: () => AzureValue])[],
  span: () => Span,
): AzureValue {
  const makers = new Map(members)
  return new ObjectValue([...makers.keys()], (name) => makers.get(name)?.(), span)
}

export function arrayValue(elements: readonly AzureValue[], span: () => Span): AzureValue {
  return new ArrayValue(() => elements, span)
}

export function scalarValue(scalar: string | number | boolean | null, span: () => Span): AzureValue {
  return new ScalarValue(scalar, span)
}

/** A value that only a run of Azure or Terraform would tell. Its members are as unknown as it is. */
export function unknownValue(because: string, span: () => Span, symbol?: string): AzureValue {
  return new UnknownValue(because, span, symbol !== undefined && symbol.length <= longestSymbol ? symbol : undefined)
}

/** Beyond it names are not told from each other: each call could double it. */
const longestSymbol = 500

/** What all kinds of values answer where they have nothing else to say. */
abstract class Value {
  readonly span: () => Span
  constructor(span: () => Span) {
    this.span = span
  }
  member(_name: string): AzureValue | undefined {
    return undefined
  }
  names(): readonly string[] {
    return []
  }
  elements(): readonly AzureValue[] {
    return []
  }
  text(): string | undefined {
    return undefined
  }
  number(): number | undefined {
    return undefined
  }
}

class ScalarValue extends Value implements AzureValue {
  readonly kind: 'string' | 'number' | 'boolean' | 'null'
  readonly scalar?: string | number | boolean
  constructor(scalar: string | number | boolean | null, span: () => Span) {
    super(span)
    this.kind = scalar === null ? 'null' : (typeof scalar as 'string' | 'number' | 'boolean')
    if (scalar !== null) this.scalar = scalar
  }
  override text(): string | undefined {
    return this.kind === 'string' || this.kind === 'number' ? String(this.scalar) : undefined
  }
  override number(): number | undefined {
    const text = this.text()
    return text !== undefined && /^\s*-?\d{1,15}(\.\d+)?\s*$/.test(text) ? Number(text) : undefined
  }
}

class ArrayValue extends Value implements AzureValue {
  readonly kind = 'array'
  readonly #make: () => readonly AzureValue[]
  #made: readonly AzureValue[] | undefined
  constructor(make: () => readonly AzureValue[], span: () => Span) {
    super(span)
    this.#make = make
  }
  override elements(): readonly AzureValue[] {
    this.#made ??= this.#make()
    return this.#made
  }
}

class UnknownValue extends Value implements AzureValue {
  readonly kind = 'unknown'
  readonly because: string
  readonly symbol?: string
  constructor(because: string, span: () => Span, symbol: string | undefined) {
    super(span)
    this.because = because
    if (symbol !== undefined) this.symbol = symbol
  }
  override member(): AzureValue {
    return this
  }
}

class ObjectValue extends Value implements AzureValue {
  readonly kind = 'object'
  readonly #names: readonly string[]
  readonly #make: (name: string) => AzureValue | undefined
  #byKey: Map<string, string> | undefined
  readonly #made = new Map<string, AzureValue | undefined>()
  constructor(names: readonly string[], make: (name: string) => AzureValue | undefined, span: () => Span) {
    super(span)
    this.#names = names
    this.#make = make
  }
  override names(): readonly string[] {
    return this.#names
  }
  override member(name: string): AzureValue | undefined {
    const key = keyOf(name)
    const value = this.#own(key)
    if (value !== undefined && value.kind !== 'null') return value
    const properties = key === 'properties' ? undefined : this.#own('properties')
    if (properties?.kind === 'unknown') return properties
    return properties?.kind === 'object' ? properties.member(name) : undefined
  }
  #own(key: string): AzureValue | undefined {
    this.#byKey ??= new Map(this.#names.map((name) => [keyOf(name), name]))
    const name = this.#byKey.get(key)
    if (name === undefined) return undefined
    if (!this.#made.has(key)) this.#made.set(key, this.#make(name))
    return this.#made.get(key)
  }
}

/** What spellings of one name share: `destinationPortRange`, `DestinationPortRange`, `destination_port_range`. */
function keyOf(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

/** Whether a value says yes: `true`, or the word. */
export function isTrue(value: AzureValue | undefined): boolean {
  return value?.scalar === true || value?.text()?.toLowerCase() === 'true'
}

/** The elements of a list, or a value that stands alone in place of one; none where it is absent. */
export function listOf(value: AzureValue | undefined): readonly AzureValue[] {
  if (value === undefined) return []
  return value.kind === 'array' ? value.elements() : [value]
}
