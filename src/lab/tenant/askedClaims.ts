/** What a `claims` parameter asks for (OpenID Connect Core §5.5) of what Entra knows. */
export interface AskedClaims {
  /** Authentication contexts that the result has to have. */
  readonly essential: readonly string[]
  /** These, and those that are to be told where the sign-in satisfied them. */
  readonly contexts: readonly string[]
  /** Client capabilities: `xms_cc`. */
  readonly capabilities: readonly string[]
}

const none: AskedClaims = { essential: [], contexts: [], capabilities: [] }

/** @returns undefined for what is no JSON object */
export function readAskedClaims(text: string | undefined): AskedClaims | undefined {
  if (text === undefined || text === '') return none
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined
  const members = [...requested(read, 'id_token'), ...requested(read, 'access_token')]
  const contexts = members.filter(({ name }) => name === 'acrs')
  return {
    essential: contexts.filter(({ essential }) => essential).flatMap(({ values }) => values),
    contexts: contexts.flatMap(({ values }) => values),
    capabilities: members.filter(({ name }) => name === 'xms_cc').flatMap(({ values }) => values),
  }
}

function requested(asked: object, token: string) {
  const members: unknown = Object.entries(asked).find(([name]) => name === token)?.[1]
  if (typeof members !== 'object' || members === null) return []
  return Object.entries(members).map(([name, wish]: [string, unknown]) => {
    const { essential, value, values } = { essential: false, value: undefined, values: [], ...(wish ?? {}) }
    const list: readonly unknown[] = [value, ...(Array.isArray(values) ? values : [])]
    return {
      name,
      essential: Boolean(essential),
      values: list.filter((one): one is string => typeof one === 'string').slice(0, 20),
    }
  })
}
