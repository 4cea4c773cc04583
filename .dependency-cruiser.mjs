// The floors of the house: each folder may import what stands below it, never sideways and never up.
//
//   base <- protocol <- translate | upstream <- catalog <- server <- service <- host | cli.ts <- extension.ts

const floors = [
  ["^src/base/"],
  ["^src/protocol/"],
  ["^src/translate/", "^src/upstream/"],
  ["^src/catalog/"],
  ["^src/server/"],
  ["^src/service/"],
  ["^src/host/", "^src/cli\\.ts$"],
  ["^src/extension\\.ts$"],
];

const noneAboveOrBeside = floors
  .flatMap((rooms, level) =>
    rooms.map((room) => ({
      name: `floor ${level} ${room} imports downwards only`,
      severity: "error",
      from: { path: room },
      to: {
        path: [...rooms.filter((other) => other !== room), ...floors.slice(level + 1).flat()],
      },
    })),
  )
  .filter(({ to }) => to.path.length > 0); // An empty list would match everything.

/** Who alone may import a package, and why. */
const owners = [
  ["vscode", "^src/(host/|extension\\.ts$)", "the core runs without VS Code"],
  [
    "undici",
    "^src/upstream/(transport\\.ts|undici-parts\\.d\\.ts)$",
    "one owner of outgoing sockets",
  ],
  ["hono", "^src/server/app\\.ts$", "routes are plain functions"],
  ["@hono/node-server", "^src/server/listener\\.ts$", "one owner of the listening socket"],
  ["eventsource-parser", "^src/protocol/sse\\.ts$", "one framing of SSE"],
  ["commander", "^src/cli\\.ts$", "one reader of the command line"],
];

export default {
  forbidden: [
    ...noneAboveOrBeside,
    ...owners.map(([name, room, comment]) => ({
      name: `${name}: ${comment}`,
      severity: "error",
      from: { path: "^src/", pathNot: room },
      to: { path: `(^|node_modules/)(@types/)?${name}(/|$)` },
    })),
    {
      name: "never undici's root: it replaces the dispatcher behind every extension's fetch",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "node_modules/undici/index\\.js$", dependencyTypesNot: ["type-only"] },
    },
    { name: "no circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "tests are never imported by what they test",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|bench|scripts)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node"] },
  },
};
