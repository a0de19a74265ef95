/**
 * Stand-ins as a process of their own, such as inside of a network namespace:
 * `serve.ts ADDRESS CERTIFICATE PROTOCOL:PORT[:CONDUCT]...` with the certificate in CERTIFICATE.pem and its key in
 * CERTIFICATE.key. It says `ready` in a line once all of them listen, and ends with its input.
 */
import { readFileSync } from 'node:fs'
import { adwsConducts, openAdws } from './adws.ts'
import { openServiceBus, serviceBusConducts } from './serviceBus.ts'
import { openServiceBusSocket, serviceBusSocketConducts } from './serviceBusSocket.ts'
import { openSqlServer, sqlServerConducts } from './sqlServer.ts'
import type { Certificate, Place, StandIn } from './standIn.ts'
import { openWinrm, winrmConducts } from './winrm.ts'

interface Protocol {
  /** Opens it with a conduct; undefined for one that it does not know. */
  open(place: Place, conduct: string, certificate: () => Certificate): Promise<StandIn> | undefined
}

function protocol<Conduct extends string>(
  conducts: readonly Conduct[],
  open: (place: Place, conduct: Conduct, certificate: () => Certificate) => Promise<StandIn>,
): Protocol {
  return {
    open(place, word, certificate) {
      const conduct = conducts.find((one) => one === word)
      return conduct === undefined ? undefined : open(place, conduct, certificate)
    },
  }
}

/** By the scheme that a check asks them with. */
const protocols: Readonly<Record<string, Protocol>> = {
  adws: protocol(adwsConducts, (place, conduct) => openAdws(place, { conduct })),
  winrm: protocol(winrmConducts, (place, conduct) => openWinrm(place, { conduct })),
  winrms: protocol(winrmConducts, (place, conduct, of) => openWinrm(place, { conduct, certificate: of() })),
  amqps: protocol(serviceBusConducts, (place, conduct, of) => openServiceBus(place, { conduct, certificate: of() })),
  wss: protocol(serviceBusSocketConducts, (place, conduct, of) =>
    openServiceBusSocket(place, { conduct, certificate: of() }),
  ),
  mssql: protocol(sqlServerConducts, (place, conduct) => openSqlServer(place, { conduct })),
}

const [address = '', file = '', ...wishes] = process.argv.slice(2)
const certificate = (): Certificate => ({
  cert: readFileSync(`${file}.pem`, 'utf8'),
  key: readFileSync(`${file}.key`, 'utf8'),
})

await Promise.all(
  wishes.map((wish) => {
    const [name = '', port, conduct = 'well'] = wish.split(':')
    const opened = protocols[name]?.open({ address, port: Number(port) }, conduct, certificate)
    if (opened === undefined) throw new RangeError(`there is no stand-in ${wish}`)
    return opened
  }),
)
process.stdin.on('end', () => process.exit())
process.stdin.resume()
process.stdout.write('ready\n')
