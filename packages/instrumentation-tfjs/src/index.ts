export { TFJS_MODULES, type Tfjs, TfjsInstrumentation } from './tfjs-instrumentation.ts';
