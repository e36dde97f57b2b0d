import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@leeway/source', 'node'] },
  ssr: { resolve: { conditions: ['@leeway/source', 'node'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'tests/unit/**/*.test.ts',
      'examples/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    pool: 'threads',
    isolate: false,
    setupFiles: ['tests/unit/laws-seed.ts'],
    testTimeout: 120_000,
  },
});
