import type { Finding } from '../model/finding.ts'
import type { Vendor } from '../model/vendor.ts'
import type { AddressRange } from './addresses.ts'
import type { RuleSet } from './ruleset.ts'
import type { ConfigurationFile, Coverage } from './source.ts'
import type { Writer } from './writer.ts'

/** What the user says about a device beside its files. */
export interface ReadingHints {
  /** Networks behind interfaces, zones, security groups, subnets or label selectors, by the name that the configuration uses. */
  readonly places: Readonly<Record<string, readonly AddressRange[]>>
}

/** What came of reading the files of one device. */
export interface Reading {
  /** Several where one file holds several devices, virtual ones or policies. Empty where nothing was understood. */
  readonly ruleSets: readonly RuleSet[]
  readonly coverage: Coverage
  /** What the reader itself noticed, which no rule shows: a file that ends in the middle, revocation turned off. */
  readonly findings?: readonly Finding[]
}

/**
 * Reads the configuration of one device. Never throws and always ends, in time that grows with the text, whatever the
 * text is: what it does not understand stands in `coverage.unread` and makes doubtful what it could touch.
 */
export type Reader = (files: readonly ConfigurationFile[], hints: ReadingHints) => Reading

/** One row of the registry of vendors. */
export interface VendorRow {
  readonly vendor: Vendor
  /** The product, as its maker writes it. */
  readonly title: string
  /** What can be given, as the commands or menus that write it: `nft -j list ruleset`. */
  readonly forms: readonly string[]
  /** `host`: of one machine or network card; `router`: between networks; `proxy`: asked by name; `routes`: leads, and forbids nothing. */
  readonly stands: 'host' | 'router' | 'proxy' | 'routes'
  /** Signs in the beginning of a text (its first 64 KiB) by which a file without `--vendor` is known: all of one list must be there. */
  readonly signs: readonly (readonly RegExp[])[]
  /**
   * What the platform's own rules can say of an end outside, the narrowest first; the writer takes the first of them that
   * a permit has. Absent: nothing is written for the vendor.
   */
  readonly says?: readonly ('names' | 'tags' | 'prefixes')[]
  /** The module of the vendor; it exports `write` where `says` is there. */
  readonly load: () => Promise<{ readonly read: Reader; readonly write?: Writer }>
}
