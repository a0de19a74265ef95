import { silenceMs } from '../control.ts'
import { fault } from '../fault.ts'
import { openSocket } from '../openSocket.ts'
import { noAnswers, startPageAnswers, upgradeRequiredAnswers } from '../servers/webSocket.ts'

const live = { flow: 'lab-ws' } as const

export const webSocketFaults = [
  fault({
    id: 'upgrade-stripped',
    title: 'WebSocket upgrade taken out',
    breaks: 'The reverse proxy before the live view does not pass Upgrade on; the app wants what it was sent.',
    expect: { ...live, verdict: 'blocked', cause: 'upgrade-stripped', confidence: 'likely', owner: 'proxy' },
    consequences: [],
    inject: (network) =>
      network.live.conduct('*', { does: 'serve', certificate: 'genuine', answers: upgradeRequiredAnswers }),
    shows: '426',
    control: (network) => openSocket(network),
  }),
  fault({
    id: 'upgrade-page',
    title: 'web page in the place of a WebSocket',
    breaks: 'What stands before the live view answers every path with its start page, the WebSocket’s as well.',
    expect: { ...live, verdict: 'wrong', cause: 'http-page-on-api', confidence: 'possible', owner: 'proxy' },
    consequences: [],
    inject: (network) =>
      network.live.conduct('*', { does: 'serve', certificate: 'genuine', answers: startPageAnswers }),
    shows: '200',
    control: (network) => openSocket(network),
  }),
  fault({
    id: 'upgrade-hangs',
    title: 'WebSocket upgrade never answered',
    breaks: 'The upgrade is taken and never answered; TLS stands.',
    expect: { ...live, verdict: 'blocked', cause: 'silent-service', confidence: 'possible', owner: 'app' },
    consequences: [],
    inject: (network) => network.live.conduct('*', { does: 'serve', certificate: 'genuine', answers: noAnswers }),
    shows: 'silence',
    control: (network) => openSocket(network, silenceMs),
  }),
] as const
