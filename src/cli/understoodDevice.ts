import type { GivenDevice, ReadDevice } from '../audit/readDevices.ts'
import { vendorOf } from '../audit/readDevices.ts'
import { formatConfigErrors } from '../config/index.ts'
import type { VendorRow } from '../firewall/reader.ts'
import { UsageError } from './shell.ts'

/** A file that has the signs of another vendor than the one that it is read as. */
export interface Alien {
  readonly file: string
  readonly looks: string
  readonly readAs: string
}

/** The first file of a device that has the signs of another vendor alone. */
export function alienIn({ files, row }: GivenDevice, rows: readonly VendorRow[]): Alien | undefined {
  for (const { name: file, text } of files) {
    const found = vendorOf(text, rows)
    if ('row' in found && found.row.vendor !== row.vendor) {
      return { file, looks: found.row.vendor, readAs: row.vendor }
    }
  }
  return undefined
}

/** `edge.nft looks like nftables, and is read as asa`. */
export function alienWords({ file, looks, readAs }: Alien): string {
  return `${file} looks like ${looks}, and is read as ${readAs}`
}

/**
 * A device of which something was understood: one of which nothing was would let everything pass.
 *
 * @throws UsageError with the line at which it is not what it is read as
 */
export function understoodDevice(device: ReadDevice, { forms }: VendorRow, alien: Alien | undefined): ReadDevice {
  const { statements, understood: known } = device.coverage
  if (device.ruleSets.length > 0 && (known > 0 || statements === 0)) return device
  const [first] = device.coverage.unread
  const { file = device.files[0] ?? '', line = 1 } = first?.span ?? {}
  const what = `nothing in it was understood as a configuration of ${device.vendor}${first === undefined ? '' : `: ${first.why}`}`
  const right =
    alien === undefined
      ? `give what one of these writes: ${forms.join('; ')}`
      : `name ${alien.looks} as its vendor, which it looks like, or give what one of these writes: ${forms.join('; ')}`
  throw new UsageError(...formatConfigErrors([{ file, line, column: 1, what, right }]))
}
