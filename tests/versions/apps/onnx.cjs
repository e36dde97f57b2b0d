const { score } = require('./score.cjs');

score(require('onnxruntime-node'));
