import { defineConfig } from 'vite';

export default defineConfig({
  build: { ssr: 'server.js', outDir: 'dist', emptyOutDir: true, target: 'node22' },
  // Everything goes into the bundle but the native library.
  ssr: { noExternal: true, external: ['onnxruntime-node'] },
});
