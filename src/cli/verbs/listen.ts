import { InvalidArgumentError } from 'commander'
import { quoted } from '../../config/quoted.ts'
import { canonicalAddress } from '../../model/cidr.ts'
import type { PortRange } from '../../model/ports.ts'
import { parsePorts } from '../../model/ports.ts'
import { listenFormats } from '../render/index.ts'
import type { ListenOptions } from '../runListen.ts'
import { runListen } from '../runListen.ts'
import type { Configure } from './index.ts'
import { addSharedOptions, addSiteOption, listed, wholeNumber } from './sharedOptions.ts'

/** `postern listen`: proves a path from its far side before the service is installed. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(addSiteOption(command), Object.keys(listenFormats))
    .option('--as <host>', 'the host of the site to answer for (default: the one that this machine is)')
    .option('--port <ports>', 'only these planned ports, such as 389,49152-49155; may be given again', portsListed)
    .option('--of-range <n>', 'how many ports of a planned range, from its first on', wholeNumber(1, 512, 'ports'), 1)
    .option(
      '--address <addresses>',
      'addresses to answer on (default: those of the host that this machine has, else all)',
      addressesListed,
    )
    .option('--seconds <n>', 'end after so many seconds instead of at Ctrl-C', wholeNumber(1, 604_800, 'seconds'))
    .addHelpText(
      'after',
      `
Opens the planned ports of a host whose service is not there yet and answers every connection with one line of its own,
every datagram with no more octets than it has. It never speaks as the service would, sends nothing to anybody who did
not come, and keeps and shows nothing of what is sent to it. Ports that another program has stay with it. This machine's own firewall is part of
the path: allow the ports there as for the service.

Which way is cut, by what is seen on either side:
  here "connected", there open         both ways are open; there: postern listen answers, the service is not proven
  here "does not hear the answer"      the way back is cut (TCP; seen on Linux)
  here a datagram, there a time-out    the way back is cut (UDP)
  here nothing, there a time-out       the way there is cut
  here "said nothing", there silence   connections pass, what is said on them does not get here
  here "octets came", there silence    what is said on them gets here, and the answer does not get back

The exit code is 130 when Ctrl-C ended it, 0 after --seconds, 2 when nothing could be opened.

Examples:
  postern listen --as dc01                            on the new server, with sudo: all planned ports of dc01
  postern check --from connect01                      on the near side, meanwhile
  postern listen --as app01 --port 8443               one port; from 1024 on no right is needed
  postern listen --as dc01 --of-range 4 --json --out seen.json
`,
    )
    .action(async (options: ListenOptions) => done(await runListen(options, shell)))
}

function portsListed(text: string, before: readonly PortRange[] | undefined): readonly PortRange[] {
  const ports = parsePorts(text)
  if (ports === undefined) {
    throw new InvalidArgumentError(`${quoted(text)} is no list of ports, write 389 or 389,49152-49155`)
  }
  return [...(before ?? []), ...ports]
}

function addressesListed(text: string, before: readonly string[] | undefined): readonly string[] {
  return listed(text, before).map((word) => {
    const address = canonicalAddress(word)
    if (address === undefined) {
      throw new InvalidArgumentError(`${quoted(word)} is no IP address, write one such as 10.1.0.5 or ::1`)
    }
    return address
  })
}
