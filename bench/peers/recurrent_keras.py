"""Recurrent nets over text in Keras on TensorFlow: `lstm`, `gru`, `rnn` of its library, a whole training step as one `tf.function`.
See contender.py for how it is asked."""

import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import tensorflow as tf

from contender import CLIP, HIDDEN, LEARNING_RATE, VOCABULARY, serve

LAYERS = {"lstm": (keras.layers.LSTM, 2), "gru": (keras.layers.GRU, 1), "rnn": (keras.layers.SimpleRNN, 1)}


class Training:
    def __init__(self, net: str, shape: tuple[int, int]) -> None:
        layer, parts = LAYERS[net]
        batch, time = shape
        hidden = HIDDEN[net]
        text = keras.Input((time, VOCABULARY), batch_size=batch)
        given = [keras.Input((hidden,), batch_size=batch) for _ in range(parts)]
        output, *state = layer(hidden, return_sequences=True, return_state=True)(text, initial_state=given)
        model = keras.Model([text, *given], [keras.layers.Dense(VOCABULARY)(output), *state])
        optimizer = keras.optimizers.SGD(LEARNING_RATE, global_clipnorm=CLIP)
        optimizer.build(model.trainable_variables)

        @tf.function
        def step(state, inputs, targets):
            with tf.GradientTape() as tape:
                logits, *after = model([tf.one_hot(inputs, VOCABULARY), *state], training=True)
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
            optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
            return after, loss

        self.compiled = step
        self.empty = lambda: [tf.zeros((batch, hidden)) for _ in range(parts)]

    def begin(self):
        return self.empty()

    def step(self, state, inputs, targets):
        state, loss = self.compiled(state, tf.constant(inputs), tf.constant(targets))
        return state, float(loss)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(int(sys.argv[2]))
    tf.config.threading.set_inter_op_parallelism_threads(1)
    serve({"keras": keras.__version__, "tensorflow": tf.__version__}, Training)
