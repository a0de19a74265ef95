import type { CertificateNews } from '../config/certificateFiles.ts'
import type { GateEvent } from '../model/event.ts'
import type { BackendNews } from '../net/backends/plan.ts'

/** What happened, for the record and for whoever watches. */
export interface Told {
  readonly event: GateEvent
  readonly line: string
}

export function certificateEvent(news: CertificateNews): Told {
  switch (news.kind) {
    case 'taken':
      return {
        event: {
          kind: 'config_change',
          activity: 'reload',
          outcome: 'ok',
          reason: 'certificate-taken',
          detail: { file: news.file },
        },
        line: `certificate taken up: ${news.file}`,
      }
    case 'kept':
      return {
        event: {
          kind: 'config_change',
          activity: 'reload',
          outcome: 'failed',
          reason: news.reason,
          detail: { file: news.file },
        },
        line: `certificate not taken up, the old one stays: ${news.file} (${news.reason})`,
      }
    case 'expires':
      return {
        event: {
          kind: 'detection_finding',
          activity: 'expiry',
          outcome: 'failed',
          reason: 'certificate-expires',
          detail: { file: news.file, days: news.days },
        },
        line:
          news.days === 0
            ? `certificate has expired: ${news.file}`
            : `certificate expires within ${news.days} days: ${news.file}`,
      }
    default:
      return news satisfies never
  }
}

export function backendEvent({ backend, server, state, why }: BackendNews): Told {
  const outcome = state === 'well' ? 'ok' : 'failed'
  return {
    event: { kind: 'detection_finding', activity: 'backend', outcome, reason: why, detail: { backend, server, state } },
    line: `backend ${backend}: ${server} is ${state} (${why})`,
  }
}
