import { revocationDisabled } from '../firewall/findings/revocationDisabled.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import type { Reading, ReadingHints, VendorRow } from '../firewall/reader.ts'
import type { RuleSet } from '../firewall/ruleset.ts'
import type { ConfigurationFile } from '../firewall/source.ts'
import type { Device } from '../model/site.ts'
import type { Vendor } from '../model/vendor.ts'

/** A device as it was given: its files, decoded, and what is said of it beside them. */
export interface GivenDevice {
  readonly name: string
  readonly row: VendorRow
  readonly files: readonly ConfigurationFile[]
  readonly interfaces: Device['interfaces']
  readonly protects?: readonly string[]
}

/** A device whose configuration was read. */
export interface ReadDevice extends Reading {
  readonly name: string
  readonly vendor: Vendor
  readonly stands: VendorRow['stands']
  readonly files: readonly string[]
  readonly protects?: readonly string[]
}

/** So much of a text is held against signs. */
const looked = 64 * 1024

/** Whose configuration a text is: one row, several that it fits alike, or none. */
export type FoundVendor = { readonly row: VendorRow } | { readonly alike: readonly VendorRow[] }

/** Tells by their signs whose configuration a text is; where those of several vendors are there, by the most of them. */
export function vendorOf(text: string, rows: readonly VendorRow[]): FoundVendor {
  const head = text.slice(0, looked)
  const counted = rows.map((row) => ({ row, count: signsIn(head, row) })).filter(({ count }) => count > 0)
  const most = Math.max(0, ...counted.map(({ count }) => count))
  const [first, ...others] = counted.filter(({ count }) => count === most).map(({ row }) => row)
  return first !== undefined && others.length === 0
    ? { row: first }
    : { alike: first === undefined ? [] : [first, ...others] }
}

/** The longest list of signs that is there as a whole. */
function signsIn(head: string, { signs }: VendorRow): number {
  return Math.max(0, ...signs.map((list) => (list.every((sign) => head.search(sign) !== -1) ? list.length : 0)))
}

/** Reads the configuration of one device. */
export async function readDevice({ name, row, files, interfaces, protects }: GivenDevice): Promise<ReadDevice> {
  const { read } = await row.load()
  const reading = read(files, hintsOf(interfaces))
  return {
    ...reading,
    findings: [...(reading.findings ?? []), ...revocationDisabled(row.vendor, files)],
    name,
    vendor: row.vendor,
    stands: row.stands,
    files: files.map((file) => file.name),
    ...(protects !== undefined && { protects }),
  }
}

function hintsOf(interfaces: Device['interfaces']): ReadingHints {
  return {
    places: Object.fromEntries(
      Object.entries(interfaces).map(([place, prefixes]) => [place, prefixes.flatMap(rangesOfPrefix)]),
    ),
  }
}

/** Whether what was read stands between networks, guards one machine, is asked by name, or only leads. */
export function standingOf({ stands, ruleSets }: Pick<ReadDevice, 'stands' | 'ruleSets'>): VendorRow['stands'] {
  if (stands === 'proxy' || stands === 'routes') return stands
  const hooks = new Set(ruleSets.flatMap(filterHooks))
  // Some firewalls can be both: what they were made for is what they have rules for.
  if (hooks.has('forward')) return 'router'
  return hooks.has('input') || hooks.has('output') ? 'host' : stands
}

function filterHooks({ stages }: RuleSet): readonly string[] {
  return stages.filter(({ kind }) => kind === 'filter').map(({ hook }) => hook)
}
