import { byDefault, dmz, judgeRows, lan, wan } from '../../test/judgeRows.ts'
import { rangeOf, stageOf } from '../../test/ruleSetOf.ts'

const span = { file: 'routes', line: 1, text: 'route' }

judgeRows([
  {
    says: 'a flow that is said to come in by an interface comes in by its zone too',
    main: { a: { does: 'allow', match: { in: { names: ['inside'] } } } },
    rest: { places: [lan] },
    asked: { in: 'lan' },
    expect: 'allow',
  },
  {
    says: 'a place is found by the network behind it',
    main: { a: { does: 'allow', match: { in: { names: ['lan'] } } } },
    rest: { places: [lan, wan] },
    expect: 'allow',
  },
  {
    says: 'the longest network decides',
    main: { a: { does: 'allow', match: { in: { names: ['lan'] } } } },
    rest: { places: [lan, dmz] },
    flow: '10.9.0.1 > 8.8.8.8:443/tcp',
    expect: 'deny',
  },
  {
    says: 'a flow from two networks comes in by two places',
    main: { a: { does: 'allow', match: { in: { names: ['lan'] } } } },
    rest: { places: [lan, dmz] },
    flow: '10.8.0.0/15 > 8.8.8.8:443/tcp',
    expect: 'deny',
  },
  {
    says: 'where nobody knows the place, a rule that asks for it may match',
    main: { a: { does: 'allow', match: { in: { names: ['lan'] } } } },
    expect: 'may',
    dependsOn: 'the interface or zone that it comes in by',
  },
  {
    says: 'nobody comes in by lo from elsewhere',
    main: { a: { does: 'allow', match: { in: { names: ['lo'] } } } },
    expect: 'deny',
  },
  {
    says: 'all places but one, where the place is that one',
    main: { a: { does: 'allow', match: { in: { names: ['lan'], inverted: true } } } },
    asked: { in: 'lan' },
    expect: 'deny',
  },
  {
    says: 'a star in a place stands for any ending',
    main: { a: { does: 'allow', match: { in: { names: ['la*'] } } } },
    asked: { in: 'lan' },
    expect: 'allow',
  },
  {
    says: 'a route tells where it goes out',
    main: { a: { does: 'allow', match: { out: { names: ['outside'] } } } },
    rest: { places: [lan, wan], routes: [byDefault] },
    expect: 'allow',
  },
  {
    says: 'without a route there is no path',
    main: { a: { does: 'allow' } },
    rest: { places: [lan], routes: [{ ...byDefault, to: rangeOf('192.0.2.0/24') }] },
    expect: 'no-path',
    by: 'no route',
  },
  {
    says: 'a route that leads nowhere is no path',
    main: { a: { does: 'allow' } },
    rest: { routes: [byDefault, { to: rangeOf('20.190.0.0/16'), kind: 'blackhole', span }] },
    expect: 'no-path',
    by: 'blackhole route',
  },
  {
    says: 'of routes of one length the smallest metric decides',
    main: { a: { does: 'allow', match: { out: { names: ['wan'] } } } },
    rest: {
      routes: [
        { ...byDefault, out: 'lan', metric: 20 },
        { ...byDefault, metric: 10 },
      ],
    },
    expect: 'allow',
  },
  {
    says: 'two equal routes may lead either way',
    main: { a: { does: 'allow', match: { out: { names: ['wan'] } } } },
    rest: { routes: [byDefault, { ...byDefault, out: 'lan' }] },
    expect: 'may',
  },
  {
    says: 'one zone on both sides',
    main: { a: { does: 'allow', match: { sameZone: true } } },
    rest: { places: [lan, wan], routes: [{ ...byDefault, out: 'lan' }] },
    expect: 'allow',
  },
  {
    says: 'two zones',
    main: { a: { does: 'allow', match: { sameZone: true } } },
    rest: { places: [lan, wan], routes: [byDefault] },
    expect: 'deny',
  },
  {
    says: 'a host sends by no interface that it comes in by',
    main: { a: { does: 'allow', match: { in: { names: ['eth0'] } } } },
    rest: { stages: [stageOf({ hook: 'output' })] },
    passage: 'output',
    expect: 'deny',
  },
])
