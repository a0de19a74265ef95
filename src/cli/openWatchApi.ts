import { statSync } from 'node:fs'
import { openApiDocument } from '../config/openApi.ts'
import type { Mark } from '../model/sample.ts'
import type { ApiAnswer, ApiRequest } from '../net/serveApi.ts'
import { serveApi } from '../net/serveApi.ts'
import { answerRequest } from '../watch/api/answerRequest.ts'
import { formatApiMetrics } from '../watch/api/apiMetrics.ts'
import type { ApiSource } from '../watch/api/apiSource.ts'
import { EventRing } from '../watch/api/eventRing.ts'
import { FlowBoard } from '../watch/api/flowBoard.ts'
import { alertAnswer, fewConsequences, incidentAnswer, newsAnswer } from '../watch/api/incidentAnswer.ts'
import { gapAnswer, markAnswer } from '../watch/api/isoTime.ts'
import { refusalAnswer } from '../watch/api/problem.ts'
import type { IncidentNews } from '../watch/incidentLoop.ts'
import type { Seen } from '../watch/record/index.ts'
import type { WatchEvent } from '../watch/watchEvent.ts'
import { UsageError } from './shell.ts'
import { version } from './version.ts'

/** What the API is joined to. */
export interface WatchApiParts
  extends Pick<ApiSource, 'site' | 'from' | 'now' | 'store' | 'watched' | 'counts' | 'windows' | 'edit'> {
  /** Of 127.0.0.1; 0: nothing is served; `free`: any that is. */
  readonly port: number | 'free'
  /** Path of the history's database. */
  readonly historyFile: string
  /** Told of a change whose begin or end was set by a request. */
  readonly onChange?: (mark: Mark) => void
  /** Told of a bug: one sentence. */
  readonly onFault: (says: string) => void
  /** Between two signs of life on a stream without events; a test plays it. */
  readonly heartbeatMs?: number
}

/** The API as the watcher sees it: what happens is told to whoever follows it. */
export interface WatchApi {
  /** `http://127.0.0.1:8480`; absent where nothing is served. */
  readonly url?: string
  onSeen(seen: readonly Seen[]): void
  onEvent(event: WatchEvent): void
  onNews(news: IncidentNews): void
  /** What people did, and is in the history. */
  onMark(mark: Mark): void
  /** Answers a request of a server that has other pages as well. */
  answer(request: ApiRequest): Promise<ApiAnswer>
  close(): Promise<void>
}

/**
 * Opens `/api/v1` and `/metrics` of a watcher, on this machine alone.
 *
 * @throws UsageError when the port is not to be had
 */
export async function openWatchApi(parts: WatchApiParts): Promise<WatchApi> {
  const { port, historyFile, onChange, onFault, heartbeatMs, ...joined } = parts
  const { store, now } = joined
  const since = now()
  const ring = new EventRing({ run: since.toString(36), ...(heartbeatMs !== undefined && { heartbeatMs }) })
  const board = new FlowBoard(store)
  const onMark = (mark: Mark): void => ring.publish('mark', markAnswer(mark))
  const source: ApiSource = {
    ...joined,
    ...{ version, since, board, ring },
    historyOctets: () => octetsOf(historyFile),
    async mark(mark) {
      await store.write({ marks: [mark] })
      onMark(mark)
      onChange?.(mark)
    },
  }
  const answer = answering(source)
  const url = port === 0 ? undefined : await listened(answer, port === 'free' ? 0 : port, onFault)
  return {
    ...(url !== undefined && { url: url.url }),
    onSeen(seen) {
      for (const change of board.take(seen)) ring.publish('flow', change)
    },
    onEvent(event) {
      if (event.kind === 'news') ring.publish('news', newsAnswer(event.news))
      else if (event.kind === 'gap') ring.publish('gap', gapAnswer(event.gap))
      else if (event.kind === 'window-opened' || event.kind === 'window-closed') {
        const kind = event.kind === 'window-opened' ? 'maintenance-start' : 'maintenance-end'
        onMark({ at: now(), kind, name: event.window.name })
      }
    },
    onNews({ changed, alerts }) {
      for (const incident of changed) ring.publish('incident', incidentAnswer(incident, fewConsequences))
      for (const alert of alerts) ring.publish('alert', alertAnswer(alert))
    },
    onMark,
    answer,
    close: async () => url?.close(),
  }
}

interface Listened {
  readonly url: string
  close(): Promise<void>
}

function answering(source: ApiSource): WatchApi['answer'] {
  let made: string | undefined
  const description = (): string => {
    made ??= `${JSON.stringify(openApiDocument(version))}\n`
    return made
  }
  return (request) => answerRequest(request, { source, description, metrics: () => formatApiMetrics(source) })
}

async function listened(answer: WatchApi['answer'], port: number, onFault: (says: string) => void): Promise<Listened> {
  const served = await serveApi({
    port,
    answer,
    refuse: refusalAnswer,
    onFault: (error) => onFault(error instanceof Error ? (error.stack ?? error.message) : 'unknown'),
  })
  if ('ok' in served) return served.ok
  const why = served.error === 'EADDRINUSE' ? 'is taken' : `cannot be listened on (${served.error})`
  throw new UsageError(
    `port ${port} of 127.0.0.1 ${why}: choose another with watch.administration-port, 0 for no administration`,
  )
}

/** The database and its log: what is written lately stands in the log. */
function octetsOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0)
}
