const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** What people and products do by the clock: what the cause of a period is called that has theirs. */
export const scheduleWords = [
  'minute-job',
  'password-hash-sync',
  'controller-policy-refresh',
  'pass-through-status',
  'topology-check',
  'sync-cycle',
  'hourly-job',
  'group-policy',
  'site-replication',
  'certificate-enrolment',
  'ticket-renewal',
  'directory-garbage-collection',
  'daily-job',
  'weekly-job',
  'working-hours',
] as const
export type ScheduleWord = (typeof scheduleWords)[number]

export interface Schedule {
  readonly word: ScheduleWord
  /** One clause: what runs at that interval. */
  readonly says: string
}

interface ScheduleRow extends Schedule {
  readonly kind: 'spike' | 'wave'
  readonly fromMs: number
  readonly toMs: number
}

/** What may lie between a nominal interval and a measured one: schedulers that wait until the last run is over. */
const tolerance = 0.01

function every(nominalMs: number, word: ScheduleWord, says: string): ScheduleRow {
  return { kind: 'spike', fromMs: nominalMs * (1 - tolerance), toMs: nominalMs * (1 + tolerance), word, says }
}

/** Intervals as their vendors have them by default; the likeliest on a path of hybrid identity, where several share one. */
const rows: readonly ScheduleRow[] = [
  every(minuteMs, 'minute-job', 'a job of each minute'),
  every(2 * minuteMs, 'password-hash-sync', 'password hash synchronisation of Entra Connect runs every 2 minutes'),
  every(5 * minuteMs, 'controller-policy-refresh', 'domain controllers read their group policy every 5 minutes'),
  every(
    10 * minuteMs,
    'pass-through-status',
    'agents of pass-through authentication report their status every 10 minutes',
  ),
  every(15 * minuteMs, 'topology-check', 'controllers check the topology of replication (KCC) every 15 minutes'),
  every(30 * minuteMs, 'sync-cycle', 'the synchronisation cycle of Entra Connect runs every 30 minutes'),
  every(hourMs, 'hourly-job', 'an hourly job, such as incremental backup or a scan'),
  {
    ...{ kind: 'spike', fromMs: 90 * minuteMs * 0.98, toMs: 120 * minuteMs * 0.98 },
    ...{
      word: 'group-policy',
      says: 'members of the domain read their group policy every 90 minutes and 0 to 30 more',
    },
  },
  every(3 * hourMs, 'site-replication', 'replication between sites runs every 180 minutes'),
  every(8 * hourMs, 'certificate-enrolment', 'automatic enrolment of certificates runs every 8 hours'),
  every(10 * hourMs, 'ticket-renewal', 'Kerberos tickets last for 10 hours'),
  every(
    12 * hourMs,
    'directory-garbage-collection',
    'controllers collect the garbage of their database every 12 hours',
  ),
  every(dayMs, 'daily-job', 'a daily job, such as backup or rotation of logs'),
  every(7 * dayMs, 'weekly-job', 'a weekly job, such as full backup or a restart for updates'),
  ...[dayMs, 7 * dayMs].map((ms) => ({
    ...every(ms, 'working-hours', 'the load of working hours'),
    kind: 'wave' as const,
  })),
]

/** What probably runs at that interval; undefined where nothing known does. */
export function likelySchedule(kind: 'spike' | 'wave', periodMs: number): Schedule | undefined {
  const row = rows.find((each) => each.kind === kind && periodMs >= each.fromMs && periodMs <= each.toMs)
  return row === undefined ? undefined : { word: row.word, says: row.says }
}

/** Intervals at which people let things run, and those of the products above, shortest first; milliseconds. */
export const humanPeriodsMs: readonly number[] = [
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * minuteMs),
  ...[1, 1.5, 2, 3, 4, 6, 8, 10, 12, 24].map((hours) => hours * hourMs),
  7 * dayMs,
]
