import * as onnxruntime from 'onnxruntime-node';
import { score } from './score.cjs';

await score(onnxruntime);
