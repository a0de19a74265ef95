import type { Unknown } from '../../unknown.ts'
import type { Entry } from './entry.ts'
import { isLost } from './entry.ts'

interface ConditionRow {
  readonly field: string
  readonly kind: Unknown['kind']
  /** What it depends on, for the values that the rule has. */
  readonly what: (values: string) => string
  /** Values that ask nothing. */
  readonly asksNothing: RegExp
  /** Whether the cmdlets give it with a filter, so that an export without it leaves it open. */
  readonly isFilter?: true
}

const any = /^(any|\*|)$/i

/** Conditions that packets do not show, in the order in which they are told. */
const rows: readonly ConditionRow[] = [
  {
    field: 'program',
    kind: 'process',
    what: (values) => `the program being ${values}`,
    asksNothing: any,
    isFilter: true,
  },
  // `*` means any service, and no program that is none.
  {
    field: 'service',
    kind: 'process',
    what: (values) => `the service being ${values}`,
    asksNothing: /^(any|)$/i,
    isFilter: true,
  },
  { field: 'package', kind: 'process', what: (values) => `the app package being ${values}`, asksNothing: any },
  { field: 'packagefamily', kind: 'process', what: (values) => `the app package being ${values}`, asksNothing: any },
  {
    field: 'appid',
    kind: 'process',
    what: (values) => `the program carrying the App Control tag ${values}`,
    asksNothing: any,
  },
  {
    field: 'localuser',
    kind: 'user',
    what: () => 'the account that the program runs as',
    asksNothing: any,
    isFilter: true,
  },
  { field: 'owner', kind: 'user', what: () => 'the user whose app container it is', asksNothing: any },
  {
    field: 'remoteuser',
    kind: 'user',
    what: () => 'the user whom IPsec authenticates',
    asksNothing: any,
    isFilter: true,
  },
  {
    field: 'remotemachine',
    kind: 'user',
    what: () => 'the computer that IPsec authenticates',
    asksNothing: any,
    isFilter: true,
  },
  {
    field: 'authentication',
    kind: 'other',
    what: () => 'whether IPsec authenticates the connection',
    asksNothing: /^(notrequired|0)$/i,
    isFilter: true,
  },
  {
    field: 'encryption',
    kind: 'other',
    what: () => 'whether IPsec encrypts the connection',
    asksNothing: /^(notrequired|any|0)$/i,
    isFilter: true,
  },
  {
    field: 'security',
    kind: 'other',
    what: (values) => `whether IPsec protects the connection (${values})`,
    asksNothing: /^notrequired$/i,
  },
  {
    field: 'interfacetype',
    kind: 'place',
    what: (values) => `the interface being of the type ${values}`,
    asksNothing: /^(any|all|0|)$/i,
    isFilter: true,
  },
  {
    field: 'dynamictarget',
    kind: 'other',
    what: (values) => `the connection being one of ${values}`,
    asksNothing: /^(any|0|)$/i,
  },
  { field: 'platform', kind: 'other', what: (values) => `the version of Windows (${values})`, asksNothing: any },
  {
    field: 'localonlymapping',
    kind: 'packet',
    what: () => 'local-only mapping of the port',
    asksNothing: /^(false|0|no)$/i,
  },
]

/**
 * What a rule depends on beside addresses, protocol and ports.
 *
 * @param unread told of values that the export lost
 * @param lacks told of what the export does not have at all
 */
export function conditionsOf(
  entry: Entry,
  unread: (what: string) => void,
  lacks: (what: string) => void,
): readonly Unknown[] {
  const absent: string[] = []
  const unknowns: Unknown[] = []
  for (const { field, kind, what, asksNothing, isFilter } of rows) {
    const values = entry.fields.get(field)
    if (values === undefined) {
      if (isFilter === true && entry.isComplete !== true) absent.push(field)
    } else if (values.some(isLost)) unread(`${field}, of which the export only has "${values[0] ?? ''}"`)
    else if (!values.every((value) => asksNothing.test(value.trim()))) {
      unknowns.push({ kind, what: what(values.join(', ').slice(0, 120)) })
    }
  }
  const aliases = entry.fields.get('interfacealias')
  if (aliases === undefined && entry.isComplete !== true) absent.push('interfacealias')
  if (aliases?.some(isLost) === true) unread('interfacealias, which the export has lost')
  if (absent.length > 0) lacks(`${absent.join(', ')}, which the export does not have`)
  // A list of columns without this one is a script's or Firewall-Manager's: a rule for a name then looks like one for any.
  if (!entry.fields.has('remotedynamickeywordaddresses') && entry.isFlatTable === true && isAnyRemote(entry)) {
    lacks('RemoteDynamicKeywordAddresses, for which the table has no column')
  }
  return unknowns
}

function isAnyRemote(entry: Entry): boolean {
  return entry.fields.get('remoteaddress')?.every((value) => any.test(value.trim())) ?? true
}
