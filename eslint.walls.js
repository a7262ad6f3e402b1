/**
 * The walls between the rooms of src/: who may import what. scripts/check-walls.ts tries each of
 * them, so a new one belongs there, too.
 */

/** Pure files at the top of src/ that every room may use. */
const COMMON = '(?:date|duration|redaction|untrusted|version)\\.ts$';
const DOMAIN = 'import/';

const AROUND = {
  regex: '/\\.\\./|^(?:\\.\\./)*(?:simulator|__tests__|bench|scripts|dist)/',
  message: 'src/ imports only src/, and by the shortest path.'
};
const GITHUB = { regex: '^@actions/', message: 'Only report/ and the steps speak to GitHub.' };
const HTTP = {
  regex: '^(?:undici|node:(?:https?|http2|net|tls|dgram))(?:/|$)',
  message: 'Only ops-manager/ speaks HTTP.'
};

/**
 * Nothing outside the room but what these regular expressions allow.
 * @param {...string} allowed
 */
const onlyFrom = (...allowed) => ({
  regex: `^\\.\\./(?!${allowed.join('|')})`,
  message: 'This room may not know that one (CONTRIBUTING.md, The house).'
});
/**
 * Nothing but types from where the regular expression says.
 * @param {string} regex
 */
const typesOnly = (regex) => ({
  regex,
  allowTypeImports: true,
  message: 'Only types of that room may be known here.'
});

const NO_DYNAMIC = [
  {
    selector: 'ImportExpression',
    message: 'Import statically: the walls do not see this, and ncc splits the bundle by it.'
  },
  { selector: 'TSImportType', message: 'Import the type with “import type”.' }
];

/**
 * @param {readonly string[]} files
 * @param {readonly object[]} patterns
 * @param {readonly object[]} syntax
 */
const wall = (files, patterns, syntax = NO_DYNAMIC) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: [AROUND, ...patterns] }],
    'no-restricted-syntax': ['error', ...syntax]
  }
});

export const walls = [
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }]
    }
  },
  wall(['src/*.ts'], [GITHUB, HTTP]),
  // The two steps know all rooms.
  wall(['src/main.ts', 'src/post-step.ts'], [HTTP]),
  // The doors are plain files that load the rest when there is something to do (scripts/build.ts).
  wall(
    ['src/index.ts', 'src/post.ts', 'src/door.ts'],
    [
      { regex: '^(?!\\./[\\w-]+\\.ts$|node:)', message: 'A door is plain.', allowTypeImports: true }
    ],
    [
      {
        selector: 'ImportExpression[source.value!="./action.ts"]',
        message: 'A door opens to ./action.ts alone.'
      }
    ]
  ),
  wall(['src/import/*.ts'], [GITHUB, HTTP, onlyFrom(COMMON)]),
  wall(['src/ops-manager/*.ts'], [GITHUB, onlyFrom(COMMON, DOMAIN)]),
  wall(['src/wait/*.ts'], [GITHUB, HTTP, onlyFrom(COMMON, DOMAIN)]),
  wall(
    ['src/inputs/*.ts'],
    [
      GITHUB,
      HTTP,
      onlyFrom(COMMON, DOMAIN, 'ops-manager/', 'inputs\\.ts$'),
      typesOnly('^\\.\\./(?:ops-manager/|inputs\\.ts$)')
    ]
  ),
  wall(
    ['src/report/*.ts'],
    [
      HTTP,
      onlyFrom(COMMON, DOMAIN, 'wait/', 'inputs\\.ts$', 'inputs/problem\\.ts$'),
      typesOnly('^\\.\\./(?:wait/|inputs\\.ts$)')
    ],
    [
      {
        // It costs every start 20 ms, and few steps need it.
        selector: 'ImportExpression[source.value!="@actions/github"]',
        message: 'Only @actions/github is imported when it is needed.'
      }
    ]
  ),
  {
    files: ['simulator/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [typesOnly('^(?:\\./)?\\.\\./')] }
      ],
      'no-restricted-syntax': ['error', ...NO_DYNAMIC]
    }
  }
];
