import type { AddressRange } from './addresses.ts'
import type { Passage } from './judged.ts'
import type { NotPermitted, Permit } from './permit.ts'

/** What a writer may know beside the permits. */
export interface WriteOptions {
  /** The site's name: rules, groups and lists are named after it. */
  readonly site: string
  /** Where the device stands, for permits that do not say it: between networks, or on the machine that opens (`output`) or accepts (`input`). */
  readonly passage: Passage
  /** Networks behind interfaces or zones, by the device's own names; empty where the site file gives none. */
  readonly places: Readonly<Record<string, readonly AddressRange[]>>
  /** ISO 8601 date that is written beside what was generated. */
  readonly on: string
  /** URL of the site's proxy, for a script that leads to it: `http://proxy.corp.example:3128`, `https:` where TLS is spoken with the proxy itself. */
  readonly proxy?: string
  /** Where such a script sends what no permit is for; absent: `direct`. With `proxy`, names without a dot and private addresses still go directly. */
  readonly otherwise?: 'direct' | 'proxy'
}

/** One text of a vendor's own syntax. */
export interface WrittenFile {
  /** A file name that people would give it: `hq-edge.nft`. */
  readonly name: string
  readonly text: string
  /** Read back together with the first file: where one platform wants its rules in several, such as a file for each family. */
  readonly proven?: true
}

/** What a platform can be told of the permits, and what not. */
export interface Written {
  /** The first is what is read back to prove it; others (Bicep, Terraform) are rendered from the same rows. */
  readonly files: readonly WrittenFile[]
  /** Permits that the platform cannot say narrowly, and for which nothing was written. */
  readonly notSaid: readonly NotPermitted[]
  /** Families that the platform carries at all, where not both: of others it is asked nothing. */
  readonly families?: readonly (4 | 6)[]
  /** What has to be done again and again, in words: lists that change, with their date and where the new one is. */
  readonly duties: readonly string[]
  /** What the groups, tags and labels that the writer named stand for: its own reader needs it in {@link import('./reader.ts').ReadingHints.places}. */
  readonly places?: Readonly<Record<string, readonly AddressRange[]>>
  /** Rules that no permit asks for and that the others need, by the name that the reader gives them, and why: *pods ask …* */
  readonly besides?: Readonly<Record<string, string>>
}

/**
 * Writes narrow rules for permits, and a denial of what is negative in the plan, in a vendor's syntax: names where the
 * platform takes them, tags where Microsoft has them, dated prefixes otherwise. Each rule carries the reason and the
 * flow ids in the vendor's own comment. Texts of the site file are made harmless in the syntax, never trusted.
 */
export type Writer = (permits: readonly Permit[], denials: readonly Permit[], options: WriteOptions) => Written
