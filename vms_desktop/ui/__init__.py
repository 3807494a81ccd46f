"""What is seen and clicked. Shows values, sends orders; never imports av or cv2."""
