"""Document D's table, by hand: four optimizers on the autoencoder of digits.

python benchmarks/scripts/autoencoder.py [SEEDS]
"""

import sys

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5

pixels = StandardScaler().fit_transform(load_digits().data).astype("float32")
kept, validation = train_test_split(pixels, test_size=0.25, random_state=42)
train, test = train_test_split(kept, test_size=0.15, random_state=42)

for optimizer in ["sgd", "adam", "rmsprop", "adagrad"]:
    errors = []
    for seed in range(SEEDS):
        keras.utils.set_random_seed(seed)
        model = keras.Sequential(
            [
                layers.Input((64,)),
                layers.Dense(32, activation="relu"),
                layers.Dense(64, activation="sigmoid"),
            ]
        )
        made = keras.optimizers.get(optimizer)
        made.learning_rate = 0.001
        model.compile(made, "binary_crossentropy", metrics=["mse"])
        history = model.fit(
            train,
            train,
            batch_size=256,
            epochs=50,
            validation_data=(validation, validation),
            verbose=0,
        )
        errors.append(history.history["val_mse"][-1])
    print(f"{optimizer:8} {np.mean(errors):.4f} ± {np.std(errors, ddof=1):.4f}", flush=True)
